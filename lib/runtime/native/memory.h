// TensorFlow's library is 600 MB, of which loading touches 250: the dynamic loader reads tables of relocations that nobody
// reads again, and registers 1,500 operations with code that runs once. Those pages are clean copies of the file, yet
// they count as this process's memory until the system is short of it. Letting go of them costs nothing: a page that is
// needed after all comes back from the file's cache.
#ifndef LAB_MEMORY_H_
#define LAB_MEMORY_H_

#ifdef __linux__
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace tfnodejs {

// Only segments that are never written: what the loader has changed in the others exists nowhere else.
inline int ReleaseSegments(struct dl_phdr_info *info, size_t, void *) {
  if (info->dlpi_name == nullptr || strstr(info->dlpi_name, "libtensorflow") == nullptr) return 0;
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) &segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t begin = (info->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const uintptr_t end = info->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

inline void ReleaseLoadedPages() { dl_iterate_phdr(ReleaseSegments, nullptr); }

// Freed blocks between others stay with the process, whatever their size; this hands their pages back.
inline void ReleaseFreedPages() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace tfnodejs
#else
namespace tfnodejs {
inline void ReleaseLoadedPages() {}
inline void ReleaseFreedPages() {}
}  // namespace tfnodejs
#endif

#endif  // LAB_MEMORY_H_
