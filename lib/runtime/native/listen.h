// TensorFlow's servers listen at 0.0.0.0: every network that the machine has. Here they listen where they are told.
//
// Their library asks the system with `bind`, found through a table of addresses that the dynamic loader fills. On Linux
// the entry of that table is replaced by a function that puts the wanted address in the place of "everywhere".
#ifndef LATENTLAB_LISTEN_H_
#define LATENTLAB_LISTEN_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#ifdef __linux__
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace tfnodejs {
namespace {

// In network order; INADDR_ANY leaves everything as TensorFlow wants it.
in_addr listen_at = {INADDR_ANY};

int BindWhereTold(int socket, const sockaddr *address, socklen_t length) {
  if (listen_at.s_addr == INADDR_ANY) return bind(socket, address, length);
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in own;
    memcpy(&own, address, sizeof(own));
    if (own.sin_addr.s_addr == INADDR_ANY && own.sin_port != 0) own.sin_addr = listen_at;
    return bind(socket, reinterpret_cast<sockaddr *>(&own), sizeof(own));
  }
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 own;
    memcpy(&own, address, sizeof(own));
    if (IN6_IS_ADDR_UNSPECIFIED(&own.sin6_addr) && own.sin6_port != 0) {
      // ::ffff:a.b.c.d, the IPv4 address as a socket of both families writes it
      memset(&own.sin6_addr, 0, sizeof(own.sin6_addr));
      own.sin6_addr.s6_addr[10] = own.sin6_addr.s6_addr[11] = 0xff;
      memcpy(&own.sin6_addr.s6_addr[12], &listen_at, sizeof(listen_at));
    }
    return bind(socket, reinterpret_cast<sockaddr *>(&own), sizeof(own));
  }
  return bind(socket, address, length);
}

#if defined(__linux__) && defined(__LP64__)
// Replaces the entries for `bind` in one table of relocations. Returns how many there were.
int ReplaceIn(const dl_phdr_info *info, const ElfW(Rela) *table, size_t bytes, const ElfW(Sym) *symbols,
              const char *strings) {
  int replaced = 0;
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (size_t i = 0; i < bytes / sizeof(ElfW(Rela)); i++) {
    const size_t symbol = ELF64_R_SYM(table[i].r_info);
    if (symbol == 0 || strcmp(strings + symbols[symbol].st_name, "bind") != 0) continue;
    void **entry = reinterpret_cast<void **>(info->dlpi_addr + table[i].r_offset);
    void *start = reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(entry) & ~(page - 1));
    if (mprotect(start, page, PROT_READ | PROT_WRITE) != 0) continue;
    *entry = reinterpret_cast<void *>(&BindWhereTold);
    replaced++;
  }
  return replaced;
}

int ReplaceBind(dl_phdr_info *info, size_t, void *count) {
  if (info->dlpi_name == nullptr || strstr(info->dlpi_name, "libtensorflow") == nullptr) return 0;
  const ElfW(Dyn) *dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
      dynamic = reinterpret_cast<const ElfW(Dyn) *>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
  }
  uintptr_t symbols = 0, strings = 0, calls = 0, data = 0;
  size_t call_bytes = 0, data_bytes = 0;
  for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; dynamic++) {
    uintptr_t value = dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_PLTRELSZ) call_bytes = value;
    if (dynamic->d_tag == DT_RELASZ) data_bytes = value;
    if (value < info->dlpi_addr) value += info->dlpi_addr;  // some loaders leave it relative
    if (dynamic->d_tag == DT_SYMTAB) symbols = value;
    if (dynamic->d_tag == DT_STRTAB) strings = value;
    if (dynamic->d_tag == DT_JMPREL) calls = value;
    if (dynamic->d_tag == DT_RELA) data = value;
  }
  if (symbols == 0 || strings == 0) return 0;
  auto *names = reinterpret_cast<const char *>(strings);
  auto *table = reinterpret_cast<const ElfW(Sym) *>(symbols);
  int &replaced = *static_cast<int *>(count);
  if (calls != 0) replaced += ReplaceIn(info, reinterpret_cast<const ElfW(Rela) *>(calls), call_bytes, table, names);
  if (data != 0) replaced += ReplaceIn(info, reinterpret_cast<const ElfW(Rela) *>(data), data_bytes, table, names);
  return 0;
}

// From now on servers listen at this IPv4 address only. False where the system offers no way.
bool ListenOnly(const std::string &address) {
  static int replaced = 0;
  if (inet_pton(AF_INET, address.c_str(), &listen_at) != 1) return false;
  if (replaced == 0) dl_iterate_phdr(ReplaceBind, &replaced);
  return replaced > 0;
}
#else
bool ListenOnly(const std::string &) { return false; }
#endif

}  // namespace
}  // namespace tfnodejs

#endif  // LATENTLAB_LISTEN_H_
