// Work on several threads, and loops for several instruction sets.
#ifndef NORMBENCH_PARALLEL_H_
#define NORMBENCH_PARALLEL_H_

#include <cstdint>
#include <functional>

// Compiles a function for each of these instruction sets, of which the best is taken when the library
// is loaded.
#if defined(__x86_64__) && defined(__linux__)
#define NORMBENCH_VECTORIZED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NORMBENCH_VECTORIZED
#endif

// A part of such a function: compiled into it, for the same instruction set.
#define NORMBENCH_INLINE inline __attribute__((always_inline))

namespace normbench {

// Into how many parts work on this many elements is best split: some for each thread, or fewer where
// waking them would cost more than it saves. The same for the same number of threads.
int64_t Parts(int64_t elements);

// Runs body(0) … body(parts - 1), at once where threads are free, and waits for all of them.
void Parallel(int64_t parts, const std::function<void(int64_t)>& body);

// The beginning of `part`, where `length` is split into `parts`.
inline int64_t Begin(int64_t length, int64_t parts, int64_t part) {
  return length * part / parts;
}

}  // namespace normbench

#endif  // NORMBENCH_PARALLEL_H_
