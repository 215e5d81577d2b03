// The addon: tfjs-node-gpu's own binding, unpatched, and functions that lib/runtime uses: those of shapes.h and cluster.h, and
//
//   addGraphFunction(name, graphDef: Uint8Array, inputs: string[], outputs: string[], uses: string[])
//       Makes a TensorFlow function of a serialised graph. inputs and outputs name tensors, "node:index".
//       `uses` names functions added earlier that this graph calls.
//   removeFunction(name)
//   runFunction(name, xla: boolean, inputs: Int32Array, targets: Int32Array, workers?: string[], addresses?: string[],
//               patienceMs?) → tensor infos
//       Runs it on tensors given by id. Output i replaces tensor targets[i] in place; where targets[i] is -1 it is a
//       new tensor, and its info {id, shape, dtype} stands in the result, in order. `workers` that do not answer within
//       the patience (one below 0: a run that takes longer) end the run with an error "… does not answer".
//   releaseMemory()
//       Hands memory that was freed back to the system (memory.h).
//
// Built by scripts/setup with the package's binding/tfjs_backend.cc against TensorFlow's pip wheel.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <node_api.h>
#include "absl/log/globals.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

// The package's binding ends in NAPI_MODULE(…, InitTFNodeJSBinding); ours, below, calls that function and adds to it.
#pragma push_macro("NAPI_MODULE")
#undef NAPI_MODULE
#define NAPI_MODULE(name, init)
#include "binding/tfjs_binding.cc"
#pragma pop_macro("NAPI_MODULE")
#include "arguments.h"
#include "memory.h"
#include "shapes.h"

namespace tfnodejs {
namespace {

// Access to the backend's private members: C++ ignores access rules where a template is instantiated explicitly.
template <typename Tag, typename Tag::type Member>
struct Open {
  friend typename Tag::type Get(Tag) { return Member; }
};
struct Context {
  using type = TFE_Context *TFJSBackend::*;
  friend type Get(Context);
};
struct Handles {
  using type = std::unordered_map<int32_t, TFE_TensorHandle *> TFJSBackend::*;
  friend type Get(Handles);
};
struct Info {
  using type = napi_value (TFJSBackend::*)(napi_env, TFE_TensorHandle *);
  friend type Get(Info);
};
template struct Open<Context, &TFJSBackend::tfe_context_>;
template struct Open<Handles, &TFJSBackend::tfe_handle_map_>;
template struct Open<Info, &TFJSBackend::GenerateOutputTensorInfo>;

}  // namespace
}  // namespace tfnodejs

#include "cluster.h"

namespace tfnodejs {
namespace {

// Functions stay here until removed, so that later graphs can call them.
std::map<std::string, TF_Function *> functions;

// Finds tensors by name, "node:index".
bool ReadOutputs(napi_env env, TF_Graph *graph, napi_value array, std::vector<TF_Output> *out) {
  std::vector<std::string> names;
  if (!ReadStrings(env, array, &names)) return false;
  for (const std::string &name : names) {
    size_t colon = name.find(':');
    TF_Operation *node = TF_GraphOperationByName(graph, name.substr(0, colon).c_str());
    if (node == nullptr) {
      NAPI_THROW_ERROR(env, "the graph has no node %s", name.c_str());
      return false;
    }
    out->push_back({node, atoi(name.c_str() + colon + 1)});
  }
  return true;
}

bool ImportGraph(napi_env env, TF_Graph *graph, napi_value bytes, const std::vector<std::string> &uses) {
  TF_AutoStatus status;
  for (const std::string &name : uses) {
    auto found = functions.find(name);
    if (found == functions.end()) {
      NAPI_THROW_ERROR(env, "no function %s was added", name.c_str());
      return false;
    }
    TF_GraphCopyFunction(graph, found->second, nullptr, status.status);
    ENSURE_TF_OK_RETVAL(env, status, false);
  }
  void *data;
  size_t length;
  napi_status nstatus = napi_get_typedarray_info(env, bytes, nullptr, &length, &data, nullptr, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, false);
  std::unique_ptr<TF_Buffer, void (*)(TF_Buffer *)> buffer(TF_NewBufferFromString(data, length), TF_DeleteBuffer);
  std::unique_ptr<TF_ImportGraphDefOptions, void (*)(TF_ImportGraphDefOptions *)> options(
      TF_NewImportGraphDefOptions(), TF_DeleteImportGraphDefOptions);
  TF_GraphImportGraphDef(graph, buffer.get(), options.get(), status.status);
  ENSURE_TF_OK_RETVAL(env, status, false);
  return true;
}

napi_value AddGraphFunction(napi_env env, napi_callback_info info) {
  size_t argc = 5;
  napi_value args[5], self;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, args, &self, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  std::string name;
  nstatus = GetStringParam(env, args[0], name);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  std::vector<std::string> uses;
  if (!ReadStrings(env, args[4], &uses)) return nullptr;

  std::unique_ptr<TF_Graph, void (*)(TF_Graph *)> graph(TF_NewGraph(), TF_DeleteGraph);
  std::vector<TF_Output> inputs, outputs;
  if (!ImportGraph(env, graph.get(), args[1], uses)) return nullptr;
  if (!ReadOutputs(env, graph.get(), args[2], &inputs)) return nullptr;
  if (!ReadOutputs(env, graph.get(), args[3], &outputs)) return nullptr;

  TF_AutoStatus status;
  TF_Function *function =
      TF_GraphToFunction(graph.get(), name.c_str(), 0, -1, nullptr, inputs.size(), inputs.data(), outputs.size(),
                         outputs.data(), nullptr, nullptr, nullptr, status.status);
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  TFE_ContextAddFunction(GetTFJSBackend(env)->*Get(Context()), function, status.status);
  if (!EnsureTFOK(env, status, __FILE__, __LINE__)) {
    TF_DeleteFunction(function);
    return nullptr;
  }
  functions[name] = function;
  return self;
}

napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value args[1], self;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, args, &self, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  std::string name;
  nstatus = GetStringParam(env, args[0], name);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  auto found = functions.find(name);
  if (found == functions.end()) return self;
  TF_AutoStatus status;
  TFE_ContextRemoveFunction(GetTFJSBackend(env)->*Get(Context()), name.c_str(), status.status);
  TF_DeleteFunction(found->second);
  functions.erase(found);
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  return self;
}

// Puts results where they belong and returns the infos of the new ones.
napi_value Deliver(napi_env env, TFJSBackend *backend, const std::vector<TFE_TensorHandle *> &results,
                   const int32_t *targets) {
  auto &handles = backend->*Get(Handles());
  napi_value infos;
  napi_status status = napi_create_array(env, &infos);
  ENSURE_NAPI_OK_RETVAL(env, status, nullptr);
  uint32_t fresh = 0;
  for (size_t i = 0; i < results.size(); i++) {
    auto held = targets[i] < 0 ? handles.end() : handles.find(targets[i]);
    if (held != handles.end()) {
      TFE_DeleteTensorHandle(held->second);
      held->second = results[i];
      continue;
    }
    status = napi_set_element(env, infos, fresh++, (backend->*Get(Info()))(env, results[i]));
    ENSURE_NAPI_OK_RETVAL(env, status, nullptr);
  }
  return infos;
}

// Reads the workers to be watched, where there are any, and for how long a silence is borne.
bool ReadWatch(napi_env env, const napi_value *args, std::vector<Worker> *workers, int64_t *patience) {
  napi_valuetype type;
  napi_status status = napi_typeof(env, args[0], &type);
  ENSURE_NAPI_OK_RETVAL(env, status, false);
  if (type != napi_object) return true;
  std::vector<std::string> names, addresses;
  if (!ReadStrings(env, args[0], &names) || !ReadStrings(env, args[1], &addresses)) return false;
  for (size_t i = 0; i < names.size() && i < addresses.size(); i++) workers->push_back({names[i], addresses[i]});
  status = napi_get_value_int64(env, args[2], patience);
  ENSURE_NAPI_OK_RETVAL(env, status, false);
  return true;
}

napi_value RunFunction(napi_env env, napi_callback_info info) {
  size_t argc = 7;
  napi_value args[7], self;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, args, &self, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  std::string name;
  nstatus = GetStringParam(env, args[0], name);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  bool xla;
  nstatus = napi_get_value_bool(env, args[1], &xla);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  int32_t *inputs, *targets;
  size_t input_count, output_count;
  if (!ReadInts(env, args[2], &inputs, &input_count)) return nullptr;
  if (!ReadInts(env, args[3], &targets, &output_count)) return nullptr;
  std::vector<Worker> workers;
  int64_t patience = 0;
  if (!ReadWatch(env, args + 4, &workers, &patience)) return nullptr;

  TFJSBackend *backend = GetTFJSBackend(env);
  auto &handles = backend->*Get(Handles());
  TF_AutoStatus status;
  std::unique_ptr<TFE_Op, void (*)(TFE_Op *)> op(
      TFE_NewOp(backend->*Get(Context()), name.c_str(), status.status), TFE_DeleteOp);
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  if (xla) TFE_OpSetAttrBool(op.get(), "_XlaMustCompile", 1);
  for (size_t i = 0; i < input_count; i++) {
    auto held = handles.find(inputs[i]);
    if (held == handles.end()) {
      NAPI_THROW_ERROR(env, "input %d of %s is not a tensor (id %d); was it disposed?", static_cast<int>(i),
                       name.c_str(), inputs[i]);
      return nullptr;
    }
    TFE_OpAddInput(op.get(), held->second, status.status);
    ENSURE_TF_OK_RETVAL(env, status, nullptr);
  }
  std::vector<TFE_TensorHandle *> results(output_count, nullptr);
  int count = output_count;
  std::unique_ptr<Watch> watch;
  if (!workers.empty()) {
    watch.reset(new Watch(backend->*Get(Context()), workers, std::chrono::milliseconds(patience)));
    TFE_OpSetCancellationManager(op.get(), watch->cancellation(), status.status);
    ENSURE_TF_OK_RETVAL(env, status, nullptr);
  }
  TFE_Execute(op.get(), results.data(), &count, status.status);
  if (watch) {
    watch->Stop();
    if (TF_GetCode(status.status) != TF_OK && !watch->silent().empty()) {
      NAPI_THROW_ERROR(env, "%s does not answer", watch->silent().c_str());
      return nullptr;
    }
  }
  ENSURE_TF_OK_RETVAL(env, status, nullptr);
  return Deliver(env, backend, results, targets);
}

// Silences file descriptor 2 while it lives.
class QuietStderr {
 public:
  explicit QuietStderr(bool quiet) {
    if (!quiet) return;
    kept_ = dup(2);
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 2);
    close(nowhere);
  }
  ~QuietStderr() {
    if (kept_ < 0) return;
    dup2(kept_, 2);
    close(kept_);
  }

 private:
  int kept_ = -1;
};

// The wheel's libraries log while they are being loaded, before any level can be set. So the addon isn't linked with
// them: they are loaded here, found through the addon's rpath, and their functions bind when first called.
bool LoadTensorFlow(napi_env env) {
#ifdef __APPLE__
  const char *libraries[] = {"@rpath/libtensorflow_framework.2.dylib", "@rpath/libtensorflow_cc.2.dylib"};
#else
  const char *libraries[] = {"libtensorflow_framework.so.2", "libtensorflow_cc.so.2"};
#endif
  const char *level = getenv("TF_CPP_MIN_LOG_LEVEL");
  QuietStderr quiet(level != nullptr && atoi(level) > 0);
  for (const char *library : libraries) {
    if (dlopen(library, RTLD_LAZY | RTLD_GLOBAL) == nullptr) {
      NAPI_THROW_ERROR(env, "%s", dlerror());
      return false;
    }
  }
  if (level != nullptr) absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(atoi(level)));
  return true;
}

napi_value ReleaseMemory(napi_env, napi_callback_info) {
  ReleaseFreedPages();
  return nullptr;
}

napi_value Init(napi_env env, napi_value exports) {
  if (!LoadTensorFlow(env)) return nullptr;
  if (InitTFNodeJSBinding(env, exports) == nullptr) return nullptr;
  napi_property_descriptor added[] = {
      {"addGraphFunction", nullptr, AddGraphFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"removeFunction", nullptr, RemoveFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"runFunction", nullptr, RunFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"listenOnly", nullptr, SetListenOnly, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"startServer", nullptr, StartServer, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"joinCluster", nullptr, JoinCluster, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"listDevices", nullptr, ListDevices, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"releaseMemory", nullptr, ReleaseMemory, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"startShapes", nullptr, StartShapes, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"shapesOf", nullptr, ShapesOf, nullptr, nullptr, nullptr, napi_default, nullptr}};
  napi_status status = napi_define_properties(env, exports, sizeof(added) / sizeof(added[0]), added);
  ENSURE_NAPI_OK_RETVAL(env, status, nullptr);
  ReleaseLoadedPages();
  return exports;
}

}  // namespace

NAPI_MODULE(tfjs_binding, Init)

}  // namespace tfnodejs
