// The statistics of a group of values, taken in float64.
#ifndef NORMBENCH_STATISTICS_H_
#define NORMBENCH_STATISTICS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "parallel.h"

namespace normbench {

// Sums of x - pivot and of its square.
//
// With one of the values as pivot, and float64 to add in, one pass over the data is enough: what
// cancels between the sums is at most a factor of their number, however large the offset of the data.
struct Sums {
  double pivot;
  double first;
  double second;
};

// The sums of `length` values that lie side by side.
NORMBENCH_INLINE Sums SumNeighbours(const float* x, int64_t length, double pivot) {
  double first = 0, second = 0;
#pragma omp simd reduction(+ : first, second)
  for (int64_t i = 0; i < length; i++) {
    const double z = x[i] - pivot;
    first += z;
    second += z * z;
  }
  return {pivot, first, second};
}

// What is kept of them for the backward pass, all in float32. The mean comes in two parts, of which
// the second is what rounding took from the first: `(x - mean) - rest` is exact to rounding even where
// mean and x share almost all their digits.
struct Moments {
  float mean;
  float rest;
  // 1 / sqrt(variance + epsilon).
  float inverse;
  float variance;  // Not kept: only running averages follow it.
};

inline Moments MomentsOf(double mean, double variance, double epsilon) {
  const float rounded = static_cast<float>(mean);
  return {rounded, static_cast<float>(mean - rounded),
          static_cast<float>(1 / std::sqrt(variance + epsilon)), static_cast<float>(variance)};
}

// What a norm makes of sums over `count` values. Not centred, the mean counts as 0.
struct Formula {
  bool centred;
  double divisor;  // Of the sum of squares.
  double epsilon;

  Moments Apply(const Sums& sums, double count) const {
    if (!centred) return MomentsOf(0, sums.second / divisor, epsilon);
    const double mean = sums.first / count;
    const double squares = std::max(sums.second - sums.first * mean, 0.0);
    return MomentsOf(sums.pivot + mean, squares / divisor, epsilon);
  }
};

// The moments of all groups as the operations pass them on: means, variances, and a tensor of two rows
// that only the backward pass reads.
class Table {
 public:
  Table(float* mean, float* variance, float* kept, int64_t groups)
      : mean_(mean), variance_(variance), rest_(kept), inverse_(kept + groups) {}

  // The backward pass has no use for the variance.
  Table(float* mean, float* kept, int64_t groups) : Table(mean, nullptr, kept, groups) {}

  Moments Get(int64_t group) const {
    return {mean_[group], rest_[group], inverse_[group], 0};
  }
  void Set(int64_t group, const Moments& moments) const {
    mean_[group] = moments.mean;
    variance_[group] = moments.variance;
    rest_[group] = moments.rest;
    inverse_[group] = moments.inverse;
  }

 private:
  float *mean_, *variance_, *rest_, *inverse_;
};

}  // namespace normbench

#endif  // NORMBENCH_STATISTICS_H_
