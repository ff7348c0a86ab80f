// Work on several threads, and loops for several instruction sets.
#ifndef NORMBENCH_PARALLEL_H_
#define NORMBENCH_PARALLEL_H_

#include <cstdint>
#include <functional>
#include <type_traits>

// Compiles a function for each of these instruction sets; loading the library selects the best.
#if defined(__x86_64__) && defined(__linux__)
#define NORMBENCH_VECTORIZED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NORMBENCH_VECTORIZED
#endif

// A part of such a function: compiled into it, for the same instruction set.
#define NORMBENCH_INLINE inline __attribute__((always_inline))
#define NORMBENCH_LAMBDA __attribute__((always_inline))

namespace normbench {

// Into how many parts work on this many elements is best split: some for each thread, or fewer where
// waking them would cost more than it saves. The same for the same number of threads.
int64_t Parts(int64_t elements);

// How many threads there are.
int64_t Threads();

// Calls block(kLines, offset) for kLines = 4 lines of `width` values at a time, and 1 for those left
// over, so that sums and coefficients of the columns are touched less often.
template <class Block>
NORMBENCH_INLINE void ForBlocks(int64_t lines, int64_t width, const Block& block) {
  int64_t line = 0;
  for (; line + 4 <= lines; line += 4) block(std::integral_constant<int, 4>(), line * width);
  for (; line < lines; line++) block(std::integral_constant<int, 1>(), line * width);
}

// Runs body(0) … body(parts - 1), at once where threads are free, and waits for all of them.
void Parallel(int64_t parts, const std::function<void(int64_t)>& body);

// The beginning of `part`, where `length` is split into `parts`.
inline int64_t Begin(int64_t length, int64_t parts, int64_t part) {
  return length * part / parts;
}

}  // namespace normbench

#endif  // NORMBENCH_PARALLEL_H_
