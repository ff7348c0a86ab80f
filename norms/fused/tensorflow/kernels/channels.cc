// Norms of channels: every channel has a gamma and a beta, and statistics over positions and a run of
// neighbouring channels, of one sample or of the whole batch. Batch, group and instance norm; not
// centred and not averaged, weight norm, whose channels are the output units.
//
// Data is seen as [samples, before, channels, after]: a batch that shares its statistics is one sample.
#include <vector>

#include "operation.h"
#include "parallel.h"
#include "statistics.h"

namespace normbench {
namespace {

// What is known of each channel of a sample, in arrays as long as a line: the channels, repeated where
// there are few, so that loops over them are long.
struct Coefficients {
  explicit Coefficients(int64_t width)
      : mean(width), rest(width), inverse(width), gamma(width, 1), beta(width), dxhat(width),
        product(width) {}
  std::vector<float> mean, rest, inverse, gamma, beta;
  // Means over the group of dxhat, and of dxhat xhat.
  std::vector<float> dxhat, product;
};

template <int kLines>
NORMBENCH_INLINE void SumBlock(const float* __restrict x, const double* __restrict pivot,
                               int64_t width, double* __restrict first,
                               double* __restrict second) {
#pragma omp simd
  for (int64_t i = 0; i < width; i++) {
    double sum = 0, squares = 0;
    for (int line = 0; line < kLines; line++) {
      const double z = x[line * width + i] - pivot[i];
      sum += z;
      squares += z * z;
    }
    first[i] += sum;
    second[i] += squares;
  }
}

NORMBENCH_VECTORIZED
void SumLines(const float* x, const double* pivot, int64_t lines, int64_t width, double* first,
              double* second) {
  ForBlocks(lines, width, [&](auto kLines, int64_t at) NORMBENCH_LAMBDA {
    SumBlock<kLines>(x + at, pivot, width, first, second);
  });
}

NORMBENCH_VECTORIZED
Sums SumStretch(const float* x, double pivot, int64_t length) {
  return SumNeighbours(x, length, pivot);
}

template <int kLines>
NORMBENCH_INLINE void NormalizeBlock(const float* __restrict x, const Coefficients& c,
                                     int64_t width, float* __restrict y) {
  const float *mean = c.mean.data(), *rest = c.rest.data(), *inverse = c.inverse.data();
  const float *gamma = c.gamma.data(), *beta = c.beta.data();
#pragma omp simd
  for (int64_t i = 0; i < width; i++) {
    for (int line = 0; line < kLines; line++) {
      const int64_t at = line * width + i;
      y[at] = ((x[at] - mean[i]) - rest[i]) * inverse[i] * gamma[i] + beta[i];
    }
  }
}

NORMBENCH_VECTORIZED
void NormalizeLines(const float* x, const Coefficients& c, int64_t lines, int64_t width, float* y) {
  ForBlocks(lines, width, [&](auto kLines, int64_t at) NORMBENCH_LAMBDA {
    NormalizeBlock<kLines>(x + at, c, width, y + at);
  });
}

NORMBENCH_VECTORIZED
void NormalizeStretch(const float* __restrict x, const Coefficients& c, int64_t channel,
                      int64_t length, float* __restrict y) {
  const float mean = c.mean[channel], rest = c.rest[channel], inverse = c.inverse[channel];
  const float gamma = c.gamma[channel], beta = c.beta[channel];
#pragma omp simd
  for (int64_t i = 0; i < length; i++) {
    y[i] = ((x[i] - mean) - rest) * inverse * gamma + beta;
  }
}

template <int kLines>
NORMBENCH_INLINE void ProjectBlock(const float* __restrict dy, const float* __restrict x,
                                   const Coefficients& c, int64_t width,
                                   double* __restrict dbeta, double* __restrict dgamma) {
  const float *mean = c.mean.data(), *rest = c.rest.data(), *inverse = c.inverse.data();
#pragma omp simd
  for (int64_t i = 0; i < width; i++) {
    double sum = 0, product = 0;
    for (int line = 0; line < kLines; line++) {
      const int64_t at = line * width + i;
      const double d = dy[at];
      sum += d;
      product += d * (((x[at] - mean[i]) - rest[i]) * inverse[i]);
    }
    dbeta[i] += sum;
    dgamma[i] += product;
  }
}

// Adds up dy and dy xhat.
NORMBENCH_VECTORIZED
void ProjectLines(const float* dy, const float* x, const Coefficients& c, int64_t lines,
                  int64_t width, double* dbeta, double* dgamma) {
  ForBlocks(lines, width, [&](auto kLines, int64_t at) NORMBENCH_LAMBDA {
    ProjectBlock<kLines>(dy + at, x + at, c, width, dbeta, dgamma);
  });
}

NORMBENCH_VECTORIZED
Sums ProjectStretch(const float* dy, const float* x, const Coefficients& c, int64_t channel,
                    int64_t length) {
  const float mean = c.mean[channel], rest = c.rest[channel], inverse = c.inverse[channel];
  double dbeta = 0, dgamma = 0;
#pragma omp simd reduction(+ : dbeta, dgamma)
  for (int64_t i = 0; i < length; i++) {
    const double d = dy[i];
    dbeta += d;
    dgamma += d * (((x[i] - mean) - rest) * inverse);
  }
  return {0, dbeta, dgamma};
}

template <int kLines>
NORMBENCH_INLINE void DifferentiateBlock(const float* __restrict dy, const float* __restrict x,
                                         const Coefficients& c, int64_t width,
                                         float* __restrict dx) {
  const float *mean = c.mean.data(), *rest = c.rest.data(), *inverse = c.inverse.data();
  const float *gamma = c.gamma.data(), *dxhat = c.dxhat.data(), *product = c.product.data();
#pragma omp simd
  for (int64_t i = 0; i < width; i++) {
    for (int line = 0; line < kLines; line++) {
      const int64_t at = line * width + i;
      const float xhat = ((x[at] - mean[i]) - rest[i]) * inverse[i];
      dx[at] = (dy[at] * gamma[i] - dxhat[i] - xhat * product[i]) * inverse[i];
    }
  }
}

NORMBENCH_VECTORIZED
void DifferentiateLines(const float* dy, const float* x, const Coefficients& c, int64_t lines,
                        int64_t width, float* dx) {
  ForBlocks(lines, width, [&](auto kLines, int64_t at) NORMBENCH_LAMBDA {
    DifferentiateBlock<kLines>(dy + at, x + at, c, width, dx + at);
  });
}

NORMBENCH_VECTORIZED
void DifferentiateStretch(const float* __restrict dy, const float* __restrict x,
                          const Coefficients& c, int64_t channel, int64_t length,
                          float* __restrict dx) {
  const float mean = c.mean[channel], rest = c.rest[channel], inverse = c.inverse[channel];
  const float gamma = c.gamma[channel], dxhat = c.dxhat[channel], product = c.product[channel];
#pragma omp simd
  for (int64_t i = 0; i < length; i++) {
    const float xhat = ((x[i] - mean) - rest) * inverse;
    dx[i] = (dy[i] * gamma - dxhat - xhat * product) * inverse;
  }
}

// The attributes that both directions share.
struct Options {
  explicit Options(const Attributes& attributes)
      : samples(attributes.Int("samples")),
        before(attributes.Int("before")),
        channels(attributes.Int("channels")),
        groups(attributes.Int("groups")),
        centred(attributes.Bool("centred")),
        divisor(attributes.Int("divisor")),
        scale(attributes.Bool("scale")),
        center(attributes.Bool("center")) {
    if (samples < 1 || before < 1 || channels < 1 || groups < 1 || channels % groups != 0) {
      throw std::invalid_argument("no such view of the data");
    }
  }
  const int64_t samples, before, channels, groups;
  const bool centred;
  const double divisor;
  const bool scale, center;
};

// Two sums for every channel.
struct ChannelSums {
  explicit ChannelSums(int64_t channels) : first(channels), second(channels) {}
  std::vector<double> first, second;
};

// Data under a view, cut into pieces that threads work on: some positions of one sample each.
class View {
 public:
  View(const Options& options, int64_t size)
      : options_(options),
        after_(size / (options.samples * options.before * options.channels)),
        repeat_(after_ > 1 ? 1 : std::max<int64_t>(1, kLine / options.channels)) {
    if (size != options.samples * options.before * options.channels * after_ || size == 0) {
      throw std::invalid_argument("x does not have the shape of the view");
    }
    parts_ = Parts(size);
    cuts_ = std::min(options.before, (parts_ + options.samples - 1) / options.samples);
  }

  int64_t width() const { return options_.channels * repeat_; }
  int64_t group_length() const { return options_.channels / options_.groups; }
  // How many values share their statistics.
  int64_t count() const { return options_.before * group_length() * after_; }
  // Index of the first value of a group.
  int64_t First(int64_t sample, int64_t group) const {
    return (sample * options_.before * options_.channels + group * group_length()) * after_;
  }

  // Calls lines(piece, sample, begin, count, width) for data whose channels are neighbours, or
  // stretch(piece, sample, channel, begin, length) for data whose positions are; pieces at once.
  template <class Lines, class Stretch>
  void ForEach(const Lines& lines, const Stretch& stretch) const {
    const int64_t pieces = options_.samples * cuts_;
    const int64_t parts = std::min(pieces, parts_);
    Parallel(parts, [&](int64_t part) {
      const int64_t end = Begin(pieces, parts, part + 1);
      for (int64_t piece = Begin(pieces, parts, part); piece < end; piece++) {
        Visit(piece, lines, stretch);
      }
    });
  }

  // Two sums over the positions of every channel, for every sample. `sum_lines` adds to arrays as long
  // as a line, `sum_stretch` returns what it found.
  template <class SumLines, class SumStretch>
  std::vector<ChannelSums> SumEach(const SumLines& sum_lines, const SumStretch& sum_stretch) const {
    std::vector<ChannelSums> pieces(options_.samples * cuts_, ChannelSums(width()));
    ForEach(
        [&](int64_t piece, int64_t sample, int64_t begin, int64_t count, int64_t width) {
          sum_lines(sample, begin, count, width, pieces[piece]);
        },
        [&](int64_t piece, int64_t sample, int64_t channel, int64_t begin, int64_t length) {
          const Sums sums = sum_stretch(sample, channel, begin, length);
          pieces[piece].first[channel] += sums.first;
          pieces[piece].second[channel] += sums.second;
        });
    std::vector<ChannelSums> totals(options_.samples, ChannelSums(options_.channels));
    for (int64_t piece = 0; piece < static_cast<int64_t>(pieces.size()); piece++) {
      ChannelSums& total = totals[piece / cuts_];
      for (int64_t i = 0; i < width(); i++) {
        total.first[i % options_.channels] += pieces[piece].first[i];
        total.second[i % options_.channels] += pieces[piece].second[i];
      }
    }
    return totals;
  }

  // The coefficients of every sample; gamma and beta may be null.
  std::vector<Coefficients> CoefficientsOf(const Table& table, const float* gamma,
                                           const float* beta) const {
    std::vector<Coefficients> samples(options_.samples, Coefficients(width()));
    for (int64_t sample = 0; sample < options_.samples; sample++) {
      Coefficients& c = samples[sample];
      for (int64_t i = 0; i < width(); i++) {
        const int64_t channel = i % options_.channels;
        const Moments m = table.Get(sample * options_.groups + channel / group_length());
        c.mean[i] = m.mean;
        c.rest[i] = m.rest;
        c.inverse[i] = m.inverse;
        if (gamma != nullptr) c.gamma[i] = gamma[channel];
        if (beta != nullptr) c.beta[i] = beta[channel];
      }
    }
    return samples;
  }

 private:
  template <class Lines, class Stretch>
  void Visit(int64_t piece, const Lines& lines, const Stretch& stretch) const {
    const int64_t sample = piece / cuts_, cut = piece % cuts_;
    const int64_t begin = Begin(options_.before, cuts_, cut);
    const int64_t positions = Begin(options_.before, cuts_, cut + 1) - begin;
    const int64_t at = (sample * options_.before + begin) * options_.channels * after_;
    if (after_ == 1) {
      const int64_t whole = positions / repeat_;
      lines(piece, sample, at, whole, width());
      const int64_t left = positions - whole * repeat_;
      lines(piece, sample, at + whole * width(), 1, left * options_.channels);
      return;
    }
    for (int64_t i = 0; i < positions * options_.channels; i++) {
      stretch(piece, sample, i % options_.channels, at + i * after_, after_);
    }
  }

  // Width of a line, in values, from which loops over it are long enough.
  static constexpr int64_t kLine = 64;

  const Options& options_;
  const int64_t after_;
  const int64_t repeat_;
  int64_t parts_;
  // Pieces that a sample is cut into.
  int64_t cuts_;
};

// Takes the statistics of the data.
void Measure(const View& view, const Options& options, const float* x, double epsilon,
             const Table& table) {
  std::vector<std::vector<double>> pivots(options.samples, std::vector<double>(view.width()));
  if (options.centred) {
    for (int64_t sample = 0; sample < options.samples; sample++) {
      for (int64_t i = 0; i < view.width(); i++) {
        const int64_t group = i % options.channels / view.group_length();
        pivots[sample][i] = x[view.First(sample, group)];
      }
    }
  }
  const std::vector<ChannelSums> sums = view.SumEach(
      [&](int64_t sample, int64_t begin, int64_t lines, int64_t width, ChannelSums& into) {
        SumLines(x + begin, pivots[sample].data(), lines, width, into.first.data(),
                 into.second.data());
      },
      [&](int64_t sample, int64_t channel, int64_t begin, int64_t length) {
        return SumStretch(x + begin, pivots[sample][channel], length);
      });
  const Formula formula = {options.centred, options.divisor, epsilon};
  for (int64_t sample = 0; sample < options.samples; sample++) {
    for (int64_t group = 0; group < options.groups; group++) {
      const int64_t begin = group * view.group_length();
      Sums total = {pivots[sample][begin], 0, 0};
      for (int64_t channel = begin; channel < begin + view.group_length(); channel++) {
        total.first += sums[sample].first[channel];
        total.second += sums[sample].second[channel];
      }
      table.Set(sample * options.groups + group, formula.Apply(total, view.count()));
    }
  }
}

class Channels {
 public:
  explicit Channels(const Attributes& attributes)
      : options_(attributes),
        given_(attributes.Bool("given")),
        epsilon_(attributes.Float("epsilon")) {}

  void operator()(const Run& run) const {
    const Array x = run.Input(0);
    const View view(options_, x.size());
    const int own = options_.scale + options_.center;
    const Parameters parameters(run, 1, options_.scale, options_.center, options_.channels);
    const Array y = run.Output(0, x.shape());
    const int64_t groups = options_.samples * options_.groups;
    const Array means = run.Output(1, {groups}), variances = run.Output(2, {groups});
    const Array kept = run.Output(3, {2, groups});
    const Table table(means.data(), variances.data(), kept.data(), groups);
    const float* from = x.data();
    float* to = y.data();
    if (given_) {
      const Array mean = run.Input(1 + own, groups), deviation = run.Input(2 + own, groups);
      for (int64_t i = 0; i < groups; i++) {
        table.Set(i, {mean.data()[i], 0, 1 / deviation.data()[i], 0});
      }
    } else {
      Measure(view, options_, from, epsilon_, table);
    }
    const std::vector<Coefficients> samples = view.CoefficientsOf(table, parameters.gamma(), parameters.beta());
    view.ForEach(
        [&](int64_t, int64_t sample, int64_t begin, int64_t lines, int64_t width) {
          NormalizeLines(from + begin, samples[sample], lines, width, to + begin);
        },
        [&](int64_t, int64_t sample, int64_t channel, int64_t begin, int64_t length) {
          NormalizeStretch(from + begin, samples[sample], channel, length, to + begin);
        });
  }

 private:
  const Options options_;
  const bool given_;
  const double epsilon_;
};

class ChannelsGrad {
 public:
  explicit ChannelsGrad(const Attributes& attributes)
      : options_(attributes), given_(attributes.Bool("given")) {}

  void operator()(const Run& run) const {
    const Array x = run.Input(1);
    const View view(options_, x.size());
    const Array dy = run.Input(0, x.size());
    const int64_t groups = options_.samples * options_.groups;
    const Array mean = run.Input(2, groups), kept = run.Input(3, 2 * groups);
    const Parameters parameters(run, 4, options_.scale, false, options_.channels);
    const float* gamma = parameters.gamma();
    const Array dx = run.Output(0, x.shape());
    const float *upstream = dy.data(), *from = x.data();
    float* to = dx.data();
    std::vector<Coefficients> samples = view.CoefficientsOf(
        Table(mean.data(), kept.data(), groups), gamma, nullptr);
    const std::vector<ChannelSums> sums = view.SumEach(
        [&](int64_t sample, int64_t begin, int64_t lines, int64_t width, ChannelSums& into) {
          ProjectLines(upstream + begin, from + begin, samples[sample], lines, width,
                       into.first.data(), into.second.data());
        },
        [&](int64_t sample, int64_t channel, int64_t begin, int64_t length) {
          return ProjectStretch(upstream + begin, from + begin, samples[sample], channel, length);
        });
    if (!given_) Project(view, sums, gamma, samples);
    view.ForEach(
        [&](int64_t, int64_t sample, int64_t begin, int64_t lines, int64_t width) {
          DifferentiateLines(upstream + begin, from + begin, samples[sample], lines, width,
                             to + begin);
        },
        [&](int64_t, int64_t sample, int64_t channel, int64_t begin, int64_t length) {
          DifferentiateStretch(upstream + begin, from + begin, samples[sample], channel, length,
                               to + begin);
        });
    Total(run.Output(1, {options_.scale ? options_.channels : 0}), sums, &ChannelSums::second);
    Total(run.Output(2, {options_.center ? options_.channels : 0}), sums, &ChannelSums::first);
  }

 private:
  // What the statistics take out of dxhat: its means, and those of dxhat xhat, over each group.
  void Project(const View& view, const std::vector<ChannelSums>& sums, const float* gamma,
               std::vector<Coefficients>& samples) const {
    const int64_t length = view.group_length();
    for (int64_t sample = 0; sample < options_.samples; sample++) {
      std::vector<Sums> groups(options_.groups);
      for (int64_t channel = 0; channel < options_.channels; channel++) {
        const double factor = gamma == nullptr ? 1 : gamma[channel];
        groups[channel / length].first += factor * sums[sample].first[channel] / view.count();
        groups[channel / length].second += factor * sums[sample].second[channel] / options_.divisor;
      }
      Coefficients& c = samples[sample];
      for (int64_t i = 0; i < view.width(); i++) {
        const Sums& group = groups[i % options_.channels / length];
        c.dxhat[i] = options_.centred ? static_cast<float>(group.first) : 0;
        c.product[i] = static_cast<float>(group.second);
      }
    }
  }

  // The gradient of a parameter, over all samples; nothing where it has no elements.
  void Total(const Array& gradient, const std::vector<ChannelSums>& sums,
             std::vector<double> ChannelSums::*which) const {
    for (int64_t channel = 0; channel < gradient.size(); channel++) {
      double total = 0;
      for (const ChannelSums& sample : sums) total += (sample.*which)[channel];
      gradient.data()[channel] = static_cast<float>(total);
    }
  }

  const Options options_;
  const bool given_;
};

// The running statistics after a step: a share of the old ones, and a share of the batch's.
class Follow {
 public:
  explicit Follow(const Attributes& attributes)
      : old_(attributes.Float("old")),
        mean_(attributes.Float("mean_share")),
        variance_(attributes.Float("variance_share")) {}

  void operator()(const Run& run) const {
    const Array mean = run.Input(0);
    const int64_t size = mean.size();
    const Array variance = run.Input(1, size);
    const Array batch_mean = run.Input(2, size), batch_variance = run.Input(3, size);
    const Array next_mean = run.Output(0, mean.shape());
    const Array next_variance = run.Output(1, variance.shape());
    for (int64_t i = 0; i < size; i++) {
      next_mean.data()[i] =
          static_cast<float>(old_ * mean.data()[i] + mean_ * batch_mean.data()[i]);
      next_variance.data()[i] =
          static_cast<float>(old_ * variance.data()[i] + variance_ * batch_variance.data()[i]);
    }
  }

 private:
  const double old_, mean_, variance_;
};

const Operation<Channels> channels(
    "NormbenchChannels",
    {"samples: int", "before: int", "channels: int", "groups: int", "centred: bool",
     "divisor: int", "scale: bool", "center: bool", "given: bool", "epsilon: float",
     "N: int >= 0"},
    {"x: float", "parameters: N * float"},
    {"y: float", "mean: float", "variance: float", "kept: float"});

const Operation<ChannelsGrad> channels_grad(
    "NormbenchChannelsGrad",
    {"samples: int", "before: int", "channels: int", "groups: int", "centred: bool",
     "divisor: int", "scale: bool", "center: bool", "given: bool", "N: int >= 0"},
    {"dy: float", "x: float", "mean: float", "kept: float", "parameters: N * float"},
    {"dx: float", "dgamma: float", "dbeta: float"});

const Operation<Follow> follow(
    "NormbenchFollow", {"old: float", "mean_share: float", "variance_share: float"},
    {"mean: float", "variance: float", "batch_mean: float", "batch_variance: float"},
    {"next_mean: float", "next_variance: float"});

}  // namespace
}  // namespace normbench
