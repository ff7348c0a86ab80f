/** Legitimate ways to standardize one group in float32, every operation rounded. */

const f = Math.fround;

type Sum = (terms: Float32Array) => number;

/** One after the other. */
export const sequential: Sum = (terms) => terms.reduce((total, term) => f(total + term), 0);

export const reversed: Sum = (terms) => sequential(terms.toReversed());

/** In eight lanes, as vector instructions do. */
export const lanes: Sum = (terms) =>
  sequential(
    Float32Array.from(
      { length: 8 },
      (_, lane) => sequential(terms.filter((_, i) => i % 8 === lane)),
    ),
  );

/** By halves down to blocks of `block`. */
function halves(terms: Float32Array, block: number): number {
  if (terms.length <= block) return sequential(terms);
  const half = block * Math.ceil(terms.length / block / 2);
  return f(halves(terms.subarray(0, half), block) + halves(terms.subarray(half), block));
}

export const pairwise: Sum = (terms) => halves(terms, 1);

/** Blocks of 64, added pairwise: the longest chains that count as careful. */
export const blocked: Sum = (terms) => halves(terms, 64);

export interface Statistics {
  readonly mean: number;
  readonly variance: number;
}

/** Takes mean and variance of a group. */
export type TakeStatistics = (x: Float32Array) => Statistics;

export const twoPass = (sum: Sum): TakeStatistics => (x) => {
  const mean = f(sum(x) / x.length);
  return { mean, variance: f(sum(x.map((value) => f(value - mean) ** 2)) / x.length) };
};

/** A second mean of data that a first one shifted, in units of the largest. */
export const shiftedAndScaled = (sum: Sum): TakeStatistics => (x) => {
  const pivot = f(sum(x) / x.length);
  const shifted = x.map((value) => value - pivot);
  const scale = Math.max(1, ...shifted.map(Math.abs));
  const z = shifted.map((value) => value / scale);
  const { mean, variance } = twoPass(sum)(z);
  return { mean: f(pivot + f(mean * scale)), variance: f(f(variance * scale) * scale) };
};

export const welford: TakeStatistics = (x) => {
  let [mean, squares] = [0, 0];
  x.forEach((value, i) => {
    const delta = f(value - mean);
    mean = f(mean + f(delta / (i + 1)));
    squares = f(squares + f(delta * f(value - mean)));
  });
  return { mean, variance: f(squares / x.length) };
};

/** Blocks by Welford, merged by the formula of Chan, Golub & LeVeque. */
export const merged = (block: number): TakeStatistics => (x) => {
  const merge = (terms: Float32Array): Statistics => {
    if (terms.length <= block) return welford(terms);
    const half = Math.ceil(terms.length / 2);
    const [a, b] = [merge(terms.subarray(0, half)), merge(terms.subarray(half))];
    const [share, rest] = [f(half / terms.length), f((terms.length - half) / terms.length)];
    const delta = f(b.mean - a.mean);
    return {
      mean: f(a.mean + f(delta * rest)),
      variance: f(
        f(f(a.variance * share) + f(b.variance * rest)) + f(f(f(delta * delta) * share) * rest),
      ),
    };
  };
  return merge(x);
};

/** E[(x - c)^2] - E[x - c]^2, where c is the first element. */
export const shiftedByFirst = (sum: Sum): TakeStatistics => (x) => {
  const shifted = x.map((value) => value - x[0]!);
  const mean = f(sum(shifted) / x.length);
  const meanSquare = f(sum(shifted.map((value) => value * value)) / x.length);
  return { mean: f(x[0]! + mean), variance: Math.max(0, f(meanSquare - f(mean * mean))) };
};

/** E[x^2] - E[x]^2: not legitimate, where data are not centred. */
export const uncentredOnePass = (sum: Sum): TakeStatistics => (x) => {
  const mean = f(sum(x) / x.length);
  const meanSquare = f(sum(x.map((value) => value * value)) / x.length);
  return { mean, variance: Math.max(0, f(meanSquare - f(mean * mean))) };
};

/** One group as a feature of batch norm has it. */
export interface Group {
  readonly x: Float32Array;
  readonly gamma: number;
  readonly beta: number;
  readonly epsilon: number;
  readonly dy: Float32Array;
}

interface Normalized extends Statistics {
  readonly xhat: Float32Array;
  /** 1 / deviation. */
  readonly scale: number;
  readonly y: Float32Array;
}

/** Gives xhat and y for these statistics. */
export type Normalize = (group: Group, statistics: Statistics) => Normalized;

const deviationOf = ({ epsilon }: Group, { variance }: Statistics) =>
  f(Math.sqrt(f(variance + f(epsilon))));

export const byDivision: Normalize = (group, statistics) => {
  const deviation = deviationOf(group, statistics);
  const xhat = group.x.map((value) => f(value - statistics.mean) / deviation);
  const y = xhat.map((value) => f(value * group.gamma) + group.beta);
  return { ...statistics, xhat, scale: f(1 / deviation), y };
};

/** Multiplies by the reciprocal of the deviation. */
export const byReciprocal: Normalize = (group, statistics) => {
  const scale = f(1 / deviationOf(group, statistics));
  const xhat = group.x.map((value) => f(value - statistics.mean) * scale);
  return {
    ...statistics,
    xhat,
    scale,
    y: xhat.map((value) => f(value * group.gamma) + group.beta),
  };
};

/** x a + b, as inference is folded. */
export const folded: Normalize = (group, statistics) => {
  const scale = f(1 / deviationOf(group, statistics));
  const a = f(scale * group.gamma);
  const b = f(group.beta - f(statistics.mean * a));
  const shift = f(statistics.mean * scale);
  return {
    ...statistics,
    xhat: group.x.map((value) => f(value * scale) - shift),
    scale,
    y: group.x.map((value) => f(value * a) + b),
  };
};

export interface Gradients {
  readonly dx: Float32Array;
  readonly dgamma: number;
}

/** Gives the gradients that reach x and gamma. */
export type Backward = (group: Group, normalized: Normalized, sum: Sum) => Gradients;

/** (h - mean(h) - xhat mean(h xhat)) / deviation. */
export const simplified: Backward = ({ x, gamma, dy }, { xhat, scale }, sum) => {
  const h = dy.map((value) => value * gamma);
  const level = f(sum(h) / x.length);
  const slope = f(sum(h.map((value, i) => value * xhat[i]!)) / x.length);
  return {
    dx: h.map((value, i) => f(f(value - level) - f(xhat[i]! * slope)) * scale),
    dgamma: sum(dy.map((value, i) => value * xhat[i]!)),
  };
};

/** (n h - sum(h) - xhat sum(h xhat)) / (n deviation), with gamma last. */
export const withSums: Backward = ({ x, gamma, dy }, { xhat, scale }, sum) => {
  const n = x.length;
  const total = sum(dy);
  const slope = sum(dy.map((value, i) => value * xhat[i]!));
  const factor = f(f(scale * gamma) / n);
  return {
    dx: dy.map((value, i) => f(f(f(n * value) - total) - f(xhat[i]! * slope)) * factor),
    dgamma: slope,
  };
};

/** One node of the graph at a time. */
export const stepByStep: Backward = ({ x, gamma, dy }, { mean, scale, xhat }, sum) => {
  const n = x.length;
  const h = dy.map((value) => value * gamma);
  const centred = x.map((value) => value - mean);
  const ddeviation = f(-sum(h.map((value, i) => f(value * centred[i]!))) * f(scale * scale));
  const dvariance = f(f(ddeviation * 0.5) * scale);
  const dcentred = h.map((value, i) => f(value * scale) + f(f(2 * centred[i]!) * f(dvariance / n)));
  const level = f(sum(dcentred) / n);
  return {
    dx: dcentred.map((value) => value - level),
    dgamma: sum(dy.map((value, i) => value * xhat[i]!)),
  };
};

/** dx = a h + b x + c, from sums over data that are not centred. */
export const byRow: Backward = ({ x, gamma, dy }, { mean, scale, xhat }, sum) => {
  const h = dy.map((value) => value * gamma);
  const ds = sum(h.map((value, i) => value * x[i]!));
  const db = sum(h);
  const share = f(1 / x.length);
  const b = f(f(f(f(f(db * mean) - ds) * scale) * scale) * f(scale * share));
  const c = f(f(-b * mean) - f(f(db * scale) * share));
  return {
    dx: h.map((value, i) => f(f(f(scale * value) + f(b * x[i]!)) + c)),
    dgamma: sum(dy.map((value, i) => value * xhat[i]!)),
  };
};

/** What a tape makes of x a + b: sums of dy x and of dy, less one another. */
export const throughFold: Backward = (group, normalized, sum) => {
  const { x, dy } = group;
  const slope = f(
    sum(dy.map((value, i) => value * x[i]!)) - f(normalized.mean * sum(dy)),
  );
  return { dx: simplified(group, normalized, sum).dx, dgamma: f(slope * normalized.scale) };
};
