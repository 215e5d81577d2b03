// TensorFlow's own distributed runtime, for lib/runtime/cluster:
//
//   listenOnly(address) → boolean
//       Servers started from now on listen at this IPv4 address ('0.0.0.0': at all). False where that cannot be chosen.
//   startServer(serverDef: Uint8Array)
//       Starts a server in this process; it serves until the process ends.
//   joinCluster(serverDef: Uint8Array, keepAliveSeconds, timeoutMs)
//       Joins the servers of a serialised tensorflow.ServerDef; their devices stand beside the local ones from now on.
//   listDevices() → names
//
// A function that runs on other machines must not wait for one that is gone without a word (no power, no network).
// `Watch` asks each of them in threads of its own, and cancels the run when one does not answer.
#ifndef LATENTLAB_CLUSTER_H_
#define LATENTLAB_CLUSTER_H_

#include <netdb.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "arguments.h"
#include "listen.h"
#include "tensorflow/c/eager/c_api.h"
#include "tensorflow/c/eager/c_api_experimental.h"

namespace tfnodejs {
namespace {

napi_value SetListenOnly(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value args[1], result;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, args, nullptr, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  std::string address;
  nstatus = GetStringParam(env, args[0], address);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  nstatus = napi_get_boolean(env, ListenOnly(address), &result);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  return result;
}

napi_value StartServer(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value args[1], self;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, args, &self, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  void *data;
  size_t length;
  if (!ReadBytes(env, args[0], &data, &length)) return nullptr;
  TF_AutoStatus status;
  TF_Server *server = TF_NewServer(data, length, status.status);  // lives as long as the process
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  TF_ServerStart(server, status.status);
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  return self;
}

napi_value ListDevices(napi_env env, napi_callback_info info) {
  TF_AutoStatus status;
  TF_DeviceList *list = TFE_ContextListDevices(GetTFJSBackend(env)->*Get(Context()), status.status);
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  napi_value names;
  napi_status nstatus = napi_create_array(env, &names);
  for (int i = 0; nstatus == napi_ok && i < TF_DeviceListCount(list); i++) {
    napi_value name;
    nstatus = napi_create_string_utf8(env, TF_DeviceListName(list, i, status.status), NAPI_AUTO_LENGTH, &name);
    if (nstatus == napi_ok) nstatus = napi_set_element(env, names, i, name);
  }
  TF_DeleteDeviceList(list);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  return names;
}

// Shuts every connection of this process to host:port, so that whoever waits for an answer there is told at once.
// TensorFlow waits without end for a server that is silent, also after a cancellation: it asks it to clean up.
void CutConnections(const std::string &address) {
#ifdef __linux__
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return;
  addrinfo hints = {}, *found = nullptr;
  hints.ai_family = AF_INET;
  if (getaddrinfo(address.substr(0, colon).c_str(), address.c_str() + colon + 1, &hints, &found) != 0) return;
  const auto limit = std::min<long>(sysconf(_SC_OPEN_MAX), 65536);
  for (int socket = 0; socket < limit; socket++) {
    sockaddr_in6 peer = {};
    socklen_t length = sizeof(peer);
    if (getpeername(socket, reinterpret_cast<sockaddr *>(&peer), &length) != 0) continue;
    in_addr host;
    in_port_t port;
    if (peer.sin6_family == AF_INET) {
      const auto *four = reinterpret_cast<const sockaddr_in *>(&peer);
      host = four->sin_addr;
      port = four->sin_port;
    } else if (peer.sin6_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr)) {
      memcpy(&host, &peer.sin6_addr.s6_addr[12], sizeof(host));
      port = peer.sin6_port;
    } else {
      continue;
    }
    for (const addrinfo *each = found; each != nullptr; each = each->ai_next) {
      const auto *worker = reinterpret_cast<const sockaddr_in *>(each->ai_addr);
      if (worker->sin_addr.s_addr == host.s_addr && worker->sin_port == port) {
        shutdown(socket, SHUT_RDWR);
        break;
      }
    }
  }
  freeaddrinfo(found);
#endif
}

// A server that takes part in a run: as TensorFlow calls it, and where it listens.
struct Worker {
  std::string name, address;
};

// Whether a worker is there. The question itself can hang, so it is asked in a thread that nobody waits for.
struct Question {
  std::atomic<bool> answered{false}, alive{false};
};

class Watch {
 public:
  // Asks `workers` from `patience` on, and as long again for each answer. A negative patience asks nobody: when it is
  // over, the first of them is given up.
  Watch(TFE_Context *context, std::vector<Worker> workers, std::chrono::milliseconds patience)
      : cancellation_(TFE_NewCancellationManager()) {
    thread_ = std::thread([this, context, workers, patience] {
      if (patience.count() < 0) {
        if (!Over(-patience)) GiveUp(workers.front());
        return;
      }
      while (!Over(patience)) {
        for (const Worker &worker : workers) {
          if (Answers(context, worker.name, patience)) continue;
          GiveUp(worker);
          return;
        }
      }
    });
  }

  ~Watch() {
    Stop();
    TFE_DeleteCancellationManager(cancellation_);
  }

  // The run is over; then `silent` names the worker that did not answer, if one did not.
  void Stop() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  TFE_CancellationManager *cancellation() { return cancellation_; }
  const std::string &silent() const { return silent_; }

 private:
  // Ends the run. TensorFlow tries new connections at once, so they are cut until it has given up.
  void GiveUp(const Worker &worker) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (over_) return;
      silent_ = worker.name;
    }
    TFE_CancellationManagerStartCancel(cancellation_);
    do CutConnections(worker.address);
    while (!Over(std::chrono::milliseconds(200)));
  }

  // Whether the run ends within this time.
  bool Over(std::chrono::milliseconds time) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return over_; });
  }

  bool Answers(TFE_Context *context, const std::string &worker, std::chrono::milliseconds patience) {
    auto question = std::make_shared<Question>();
    std::thread([context, worker, question] {
      TF_Status *status = TF_NewStatus();
      const bool alive = TFE_ContextCheckAlive(context, worker.c_str(), status);
      TF_DeleteStatus(status);
      question->alive = alive;
      question->answered = true;
    }).detach();
    const auto piece = std::chrono::milliseconds(20);
    for (auto waited = piece; waited < patience && !question->answered; waited += piece) {
      if (Over(piece)) return true;
    }
    return question->answered && question->alive;
  }

  TFE_CancellationManager *cancellation_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::string silent_;
  std::thread thread_;
};

napi_value JoinCluster(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value args[3], self;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, args, &self, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  void *data;
  size_t length;
  if (!ReadBytes(env, args[0], &data, &length)) return nullptr;
  int32_t keep_alive;
  nstatus = napi_get_value_int32(env, args[1], &keep_alive);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  int64_t timeout;
  nstatus = napi_get_value_int64(env, args[2], &timeout);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  TFE_Context *context = GetTFJSBackend(env)->*Get(Context());
  TF_AutoStatus status;
  TFE_ContextSetServerDefWithTimeout(context, keep_alive, data, length, timeout, status.status, true);
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  // an operation that a graphics card cannot do is done by the processor beside it
  TFE_ContextSetSoftDevicePlacement(context, 1, status.status);
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  return self;
}

}  // namespace
}  // namespace tfnodejs

#endif  // LATENTLAB_CLUSTER_H_
