// Norms of rows: every row has separate statistics, and every column a gamma and a beta. Layer norm
// and, not centred, root-mean-square norm; and group norm of features, where the rows of a sample, one
// a group, have parameters of their own: `period` rows follow each other before they come again.
#include <memory>
#include <vector>

#include "operation.h"
#include "parallel.h"
#include "statistics.h"

namespace normbench {
namespace {

// Some rows of the data, and what is made of them.
struct Forward {
  const float* x;
  float* y;
  int64_t length, period;
  Formula formula;
  const float *gamma, *beta;
  Table table;
};

NORMBENCH_VECTORIZED
void NormalizeRows(const Forward& pass, int64_t begin, int64_t end) {
  const int64_t length = pass.length;
  for (int64_t row = begin; row < end; row++) {
    const int64_t own = row % pass.period * length;
    const float *gamma = pass.gamma + own, *beta = pass.beta + own;
    const float* x = pass.x + row * length;
    float* __restrict y = pass.y + row * length;
    const double pivot = pass.formula.centred ? x[0] : 0;
    const Moments moments = pass.formula.Apply(SumNeighbours(x, length, pivot), length);
    pass.table.Set(row, moments);
    const float mean = moments.mean, rest = moments.rest, inverse = moments.inverse;
#pragma omp simd
    for (int64_t i = 0; i < length; i++) {
      y[i] = ((x[i] - mean) - rest) * inverse * gamma[i] + beta[i];
    }
  }
}

// Some rows in the backward pass, and the sums that become the gradients of gamma and beta.
struct Backward {
  const float *dy, *x;
  float* dx;
  int64_t length, period;
  Formula formula;
  const float* gamma;
  Table table;
  double *dgamma, *dbeta;
};

// What a row's gradient is made of, beside the data.
struct Projected {
  Moments moments;
  // Means of dxhat = dy gamma and of dxhat xhat.
  float dxhat, product;
};

NORMBENCH_INLINE Projected ProjectRow(const Backward& pass, int64_t row) {
  const int64_t length = pass.length;
  const float *dy = pass.dy + row * length, *x = pass.x + row * length;
  const float* gamma = pass.gamma + row % pass.period * length;
  const Moments moments = pass.table.Get(row);
  const float mean = moments.mean, rest = moments.rest, inverse = moments.inverse;
  double dxhat = 0, product = 0;
#pragma omp simd reduction(+ : dxhat, product)
  for (int64_t i = 0; i < length; i++) {
    const double d = static_cast<double>(dy[i]) * gamma[i];
    dxhat += d;
    product += d * (((x[i] - mean) - rest) * inverse);
  }
  return {moments, pass.formula.centred ? static_cast<float>(dxhat / length) : 0,
          static_cast<float>(product / pass.formula.divisor)};
}

// dx = (dxhat - mean(dxhat) - xhat mean(dxhat xhat)) / deviation, for kRows rows of the same parameters
// at once, so that the sums over the columns are touched less often.
template <int kRows>
NORMBENCH_INLINE void DifferentiateBlock(const Backward& pass, int64_t row) {
  const int64_t length = pass.length;
  Projected projected[kRows];
  for (int r = 0; r < kRows; r++) projected[r] = ProjectRow(pass, row + r);
  const int64_t own_column = row % pass.period * length;
  const float *dy = pass.dy + row * length, *x = pass.x + row * length;
  const float* gamma = pass.gamma + own_column;
  float* __restrict dx = pass.dx + row * length;
  double *__restrict dgamma = pass.dgamma + own_column;
  double *__restrict dbeta = pass.dbeta + own_column;
#pragma omp simd
  for (int64_t i = 0; i < length; i++) {
    double own = 0, sum = 0;
    for (int r = 0; r < kRows; r++) {
      const Projected& p = projected[r];
      const int64_t at = r * length + i;
      const float xhat = ((x[at] - p.moments.mean) - p.moments.rest) * p.moments.inverse;
      dx[at] = (dy[at] * gamma[i] - p.dxhat - xhat * p.product) * p.moments.inverse;
      own += static_cast<double>(dy[at]) * xhat;
      sum += dy[at];
    }
    dgamma[i] += own;
    dbeta[i] += sum;
  }
}

NORMBENCH_VECTORIZED
void DifferentiateRows(const Backward& pass, int64_t begin, int64_t end) {
  int64_t row = begin;
  if (pass.period == 1) {
    for (; row + 4 <= end; row += 4) DifferentiateBlock<4>(pass, row);
  }
  for (; row < end; row++) DifferentiateBlock<1>(pass, row);
}

// Adds up what the parts have found for some of the columns; their sums are `stride` apart.
NORMBENCH_VECTORIZED
void AddUp(const double* sums, int64_t parts, int64_t stride, int64_t begin, int64_t end,
           float* __restrict total) {
#pragma omp simd
  for (int64_t i = begin; i < end; i++) {
    double sum = 0;
    for (int64_t part = 0; part < parts; part++) sum += sums[part * stride + i];
    total[i] = static_cast<float>(sum);
  }
}

// Rows of the same columns that a part should have at least.
constexpr int64_t kRowsASum = 32;

// The attributes that both directions share.
struct Options {
  explicit Options(const Attributes& attributes)
      : length(attributes.Int("length")),
        period(attributes.Int("period")),
        centred(attributes.Bool("centred")),
        divisor(attributes.Int("divisor")),
        scale(attributes.Bool("scale")),
        center(attributes.Bool("center")) {
    if (length < 1 || period < 1) throw std::invalid_argument("rows of no length or no period");
  }
  int64_t RowsOf(const Array& x) const {
    if (x.size() % (length * period) != 0) {
      throw std::invalid_argument("x does not consist of whole rows and periods");
    }
    return x.size() / length;
  }
  // Elements of gamma, or of beta.
  int64_t Columns() const { return length * period; }
  const int64_t length, period;
  const bool centred;
  const double divisor;
  const bool scale, center;
};

class Rows {
 public:
  explicit Rows(const Attributes& attributes)
      : options_(attributes), epsilon_(attributes.Float("epsilon")) {}

  void operator()(const Run& run) const {
    const auto [length, period, centred, divisor, scale, center] = options_;
    const Array x = run.Input(0);
    const int64_t rows = options_.RowsOf(x), columns = options_.Columns();
    const std::vector<float> ones(scale ? 0 : columns, 1), zeros(center ? 0 : columns, 0);
    const Parameters parameters(run, 1, scale, center, columns);
    const float* gamma = scale ? parameters.gamma() : ones.data();
    const float* beta = center ? parameters.beta() : zeros.data();
    const Array y = run.Output(0, x.shape());
    const Array mean = run.Output(1, {rows}), variance = run.Output(2, {rows});
    const Array kept = run.Output(3, {2, rows});
    const Table table(mean.data(), variance.data(), kept.data(), rows);
    const Formula formula = {centred, divisor, epsilon_};
    const Forward pass = {x.data(), y.data(), length, period, formula, gamma, beta, table};
    const int64_t parts = std::min(rows, Parts(x.size()));
    Parallel(parts, [&](int64_t part) {
      NormalizeRows(pass, Begin(rows, parts, part), Begin(rows, parts, part + 1));
    });
  }

 private:
  const Options options_;
  const double epsilon_;
};

class RowsGrad {
 public:
  explicit RowsGrad(const Attributes& attributes) : options_(attributes) {}

  void operator()(const Run& run) const {
    const auto [length, period, centred, divisor, scale, center] = options_;
    const Array x = run.Input(1);
    const int64_t rows = options_.RowsOf(x), columns = options_.Columns();
    const Array dy = run.Input(0, x.size());
    const Array mean = run.Input(2, rows), kept = run.Input(3, 2 * rows);
    const Table table(mean.data(), kept.data(), rows);
    const std::vector<float> ones(scale ? 0 : columns, 1);
    const Parameters parameters(run, 4, scale, false, columns);
    const Array dx = run.Output(0, x.shape());
    const float* gamma = scale ? parameters.gamma() : ones.data();
    const Backward pass = {dy.data(), x.data(), dx.data(), length,  period, {centred, divisor, 0},
                           gamma,     table,    nullptr,   nullptr};
    // Sums of many columns are worth few parts only: each has its own, which pass through the caches, too.
    const int64_t most = std::max(Threads(), rows / (period * kRowsASum));
    const int64_t parts = std::min({rows, Parts(x.size()), most});
    // Of each part, dgamma and then dbeta; every part clears its own.
    const std::unique_ptr<double[]> sums(new double[parts * 2 * columns]);
    Parallel(parts, [&](int64_t part) {
      Backward own = pass;
      own.dgamma = sums.get() + part * 2 * columns;
      own.dbeta = own.dgamma + columns;
      std::fill_n(own.dgamma, 2 * columns, 0.0);
      DifferentiateRows(own, Begin(rows, parts, part), Begin(rows, parts, part + 1));
    });
    const Array dgamma = run.Output(1, {scale ? columns : 0});
    const Array dbeta = run.Output(2, {center ? columns : 0});
    const int64_t cuts = Parts(parts * 2 * columns);
    Parallel(cuts, [&](int64_t cut) {
      const int64_t begin = Begin(columns, cuts, cut), end = Begin(columns, cuts, cut + 1);
      if (scale) AddUp(sums.get(), parts, 2 * columns, begin, end, dgamma.data());
      if (center) AddUp(sums.get() + columns, parts, 2 * columns, begin, end, dbeta.data());
    });
  }

 private:
  const Options options_;
};

const Operation<Rows> rows(
    "NormbenchRows",
    {"length: int", "period: int", "centred: bool", "divisor: int", "scale: bool", "center: bool",
     "epsilon: float", "N: int >= 0"},
    {"x: float", "parameters: N * float"},
    {"y: float", "mean: float", "variance: float", "kept: float"});

const Operation<RowsGrad> rows_grad(
    "NormbenchRowsGrad",
    {"length: int", "period: int", "centred: bool", "divisor: int", "scale: bool", "center: bool",
     "N: int >= 0"},
    {"dy: float", "x: float", "mean: float", "kept: float", "parameters: N * float"},
    {"dx: float", "dgamma: float", "dbeta: float"});

}  // namespace
}  // namespace normbench
