// The norms on the heap of the wasm backend, in AssemblyScript; `build.ts` compiles it.
//
// Data are float32 in five axes, x[sample, before, channel, feature, after], as ../layout.ts has them;
// statistics and sums are float64, which hold the square of every float32, and the sum of any number
// of them, without a loss that float32 could see. A group is gone through either in runs of
// neighbours, `before` of them, or by columns, `feature * after` of them side by side.

// Two float64 from the first, or the last, two of four float32, and back.
// @ts-ignore: decorator
@inline function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}
// @ts-ignore: decorator
@inline function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 0, 1));
}
// @ts-ignore: decorator
@inline function joined(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5);
}
// @ts-ignore: decorator
@inline function total(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}
// @ts-ignore: decorator
@inline function single(p: usize): f64 {
  return <f64>load<f32>(p);
}

// ---- Moments: the mean (or zero, unless `centred`) and the sum of squared deviations of each group.
// Values are shifted by the first of their run or column, which costs no digits where an offset is large.

let sum: f64 = 0;
let squares: f64 = 0;

function addRun(x: usize, length: i32, shift: f64): void {
  const shifts = f64x2.splat(shift);
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let q0 = s0, q1 = s0, q2 = s0, q3 = s0;
  const end = x + (<usize>length << 2);
  for (; x + 32 <= end; x += 32) {
    const v = v128.load(x), w = v128.load(x, 16);
    const a = f64x2.sub(low(v), shifts), b = f64x2.sub(high(v), shifts);
    const c = f64x2.sub(low(w), shifts), d = f64x2.sub(high(w), shifts);
    s0 = f64x2.add(s0, a);
    s1 = f64x2.add(s1, b);
    s2 = f64x2.add(s2, c);
    s3 = f64x2.add(s3, d);
    q0 = f64x2.add(q0, f64x2.mul(a, a));
    q1 = f64x2.add(q1, f64x2.mul(b, b));
    q2 = f64x2.add(q2, f64x2.mul(c, c));
    q3 = f64x2.add(q3, f64x2.mul(d, d));
  }
  sum += total(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  squares += total(f64x2.add(f64x2.add(q0, q1), f64x2.add(q2, q3)));
  for (; x < end; x += 4) {
    const a = single(x) - shift;
    sum += a;
    squares += a * a;
  }
}

export function momentsByRuns(
  x: usize, samples: i32, before: i32, channels: i32, length: i32, centred: bool,
  means: usize, sumsOfSquares: usize,
): void {
  const count = <f64>before * <f64>length;
  for (let sample = 0; sample < samples; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      const first = x + (<usize>((sample * before * channels + channel) * length) << 2);
      const shift: f64 = centred ? single(first) : 0;
      sum = 0;
      squares = 0;
      for (let row = 0; row < before; row++) {
        addRun(first + (<usize>(row * channels * length) << 2), length, shift);
      }
      const mean: f64 = centred ? sum / count : 0;
      store<f64>(means, shift + mean);
      store<f64>(sumsOfSquares, max<f64>(0, squares - count * mean * mean));
      means += 8;
      sumsOfSquares += 8;
    }
  }
}

// `scratch` holds 3 float64 for every column.
export function momentsByColumns(
  x: usize, samples: i32, before: i32, channels: i32, length: i32, centred: bool,
  means: usize, sumsOfSquares: usize, scratch: usize,
): void {
  const columns = channels * length;
  const size = <usize>columns << 3;
  const shifts = scratch, sums = shifts + size, all = sums + size;
  const count = <f64>before;
  for (let sample = 0; sample < samples; sample++) {
    memory.fill(scratch, 0, 3 * size);
    if (centred) {
      for (let i: usize = 0; i < <usize>columns; i++) {
        store<f64>(shifts + (i << 3), single(x + (i << 2)));
      }
    }
    for (let row = 0; row < before; row++) {
      const end = shifts + size;
      let p = shifts;
      for (; p + 32 <= end; p += 32, x += 16) {
        const v = v128.load(x);
        const a = f64x2.sub(low(v), v128.load(p)), b = f64x2.sub(high(v), v128.load(p, 16));
        const s = p + size, q = s + size;
        v128.store(s, f64x2.add(v128.load(s), a));
        v128.store(s, f64x2.add(v128.load(s, 16), b), 16);
        v128.store(q, f64x2.add(v128.load(q), f64x2.mul(a, a)));
        v128.store(q, f64x2.add(v128.load(q, 16), f64x2.mul(b, b)), 16);
      }
      for (; p < end; p += 8, x += 4) {
        const a = single(x) - load<f64>(p);
        const s = p + size, q = s + size;
        store<f64>(s, load<f64>(s) + a);
        store<f64>(q, load<f64>(q) + a * a);
      }
    }
    for (let channel = 0; channel < channels; channel++) {
      const first = <usize>(channel * length) << 3, end = first + (<usize>length << 3);
      let mean: f64 = 0;
      if (centred) {
        for (let i = first; i < end; i += 8) {
          mean += load<f64>(shifts + i) + load<f64>(sums + i) / count;
        }
        mean /= <f64>length;
      }
      let squares: f64 = 0;
      for (let i = first; i < end; i += 8) {
        const own: f64 = centred ? load<f64>(sums + i) / count : 0;
        const distance: f64 = centred ? load<f64>(shifts + i) + own - mean : 0;
        squares += max<f64>(0, load<f64>(all + i) - count * own * own) + count * distance * distance;
      }
      store<f64>(means, mean);
      store<f64>(sumsOfSquares, squares);
      means += 8;
      sumsOfSquares += 8;
    }
  }
}

// ---- y = (x - mean) inverse gamma + beta, where inverse is 1 / sqrt(variance + epsilon).

export function normalizeByRuns(
  x: usize, y: usize,
  samples: i32, before: i32, channels: i32, features: i32, after: i32, perChannel: bool,
  means: usize, inverses: usize, gamma: usize, beta: usize,
): void {
  for (let sample = 0; sample < samples; sample++) {
    for (let row = 0; row < before; row++) {
      for (let channel = 0; channel < channels; channel++) {
        const group = <usize>(sample * channels + channel) << 3;
        const mean = load<f64>(means + group), inverse = load<f64>(inverses + group);
        const parameter: usize = perChannel ? <usize>(channel * features) << 2 : 0;
        let g = gamma + parameter, b = beta + parameter;
        const last = g + (<usize>features << 2);
        if (after == 1) {
          const mean2 = f64x2.splat(mean), inverse2 = f64x2.splat(inverse);
          for (; g + 16 <= last; g += 16, b += 16, x += 16, y += 16) {
            const v = v128.load(x), w = v128.load(g), u = v128.load(b);
            v128.store(y, joined(
              f64x2.add(f64x2.mul(f64x2.mul(f64x2.sub(low(v), mean2), inverse2), low(w)), low(u)),
              f64x2.add(f64x2.mul(f64x2.mul(f64x2.sub(high(v), mean2), inverse2), high(w)), high(u)),
            ));
          }
        }
        for (; g < last; g += 4, b += 4) {
          const slope = inverse * single(g), offset = single(b);
          const slope2 = f64x2.splat(slope), offset2 = f64x2.splat(offset), mean2 = f64x2.splat(mean);
          const end = x + (<usize>after << 2);
          for (; x + 16 <= end; x += 16, y += 16) {
            const v = v128.load(x);
            v128.store(y, joined(
              f64x2.add(f64x2.mul(f64x2.sub(low(v), mean2), slope2), offset2),
              f64x2.add(f64x2.mul(f64x2.sub(high(v), mean2), slope2), offset2),
            ));
          }
          for (; x < end; x += 4, y += 4) {
            store<f32>(y, <f32>((single(x) - mean) * slope + offset));
          }
        }
      }
    }
  }
}

// `scratch` holds 3 float64 for every column.
export function normalizeByColumns(
  x: usize, y: usize,
  samples: i32, before: i32, channels: i32, features: i32, after: i32, perChannel: bool,
  means: usize, inverses: usize, gamma: usize, beta: usize, scratch: usize,
): void {
  const columns = channels * features * after;
  const size = <usize>columns << 3;
  for (let sample = 0; sample < samples; sample++) {
    for (let column = 0; column < columns; column++) {
      const cell = column / after;
      const group = <usize>(sample * channels + cell / features) << 3;
      const parameter = <usize>(perChannel ? cell : cell % features) << 2;
      const p = scratch + (<usize>column << 3);
      store<f64>(p, load<f64>(means + group));
      store<f64>(p + size, load<f64>(inverses + group) * single(gamma + parameter));
      store<f64>(p + 2 * size, single(beta + parameter));
    }
    for (let row = 0; row < before; row++) {
      const end = scratch + size;
      let p = scratch;
      for (; p + 32 <= end; p += 32, x += 16, y += 16) {
        const v = v128.load(x);
        const s = p + size, o = s + size;
        v128.store(y, joined(
          f64x2.add(f64x2.mul(f64x2.sub(low(v), v128.load(p)), v128.load(s)), v128.load(o)),
          f64x2.add(f64x2.mul(f64x2.sub(high(v), v128.load(p, 16)), v128.load(s, 16)), v128.load(o, 16)),
        ));
      }
      for (; p < end; p += 8, x += 4, y += 4) {
        const value = (single(x) - load<f64>(p)) * load<f64>(p + size) + load<f64>(p + 2 * size);
        store<f32>(y, <f32>value);
      }
    }
  }
}

// ---- The backward pass, by the simplified formula, as a line through x and dy for every group:
//
//     dx = (x - mean) byX + dy gamma inverse + offset
//     byX = -sum(dy gamma (x - mean)) inverse^3 / divisor        offset = -sum(dy gamma) inverse / count
//
// Where statistics are constants, or the mean is not taken off, `divisor` or `count` are infinite.
// dgamma and dbeta, float64, are added to.

let product: f64 = 0;

// sum += sum(dy), product += sum(dy (x - mean))
function addProducts(x: usize, dy: usize, length: i32, mean: f64): void {
  const means = f64x2.splat(mean);
  let s0 = f64x2.splat(0), s1 = s0, p0 = s0, p1 = s0;
  const end = x + (<usize>length << 2);
  for (; x + 16 <= end; x += 16, dy += 16) {
    const v = v128.load(x), w = v128.load(dy);
    const a = low(w), b = high(w);
    s0 = f64x2.add(s0, a);
    s1 = f64x2.add(s1, b);
    p0 = f64x2.add(p0, f64x2.mul(a, f64x2.sub(low(v), means)));
    p1 = f64x2.add(p1, f64x2.mul(b, f64x2.sub(high(v), means)));
  }
  sum += total(f64x2.add(s0, s1));
  product += total(f64x2.add(p0, p1));
  for (; x < end; x += 4, dy += 4) {
    const a = single(dy);
    sum += a;
    product += a * (single(x) - mean);
  }
}

// dx = (x - mean) byX + dy slope + offset
function writeLine(
  x: usize, dy: usize, dx: usize, length: i32, mean: f64, byX: f64, slope: f64, offset: f64,
): void {
  const mean2 = f64x2.splat(mean), byX2 = f64x2.splat(byX);
  const slope2 = f64x2.splat(slope), offset2 = f64x2.splat(offset);
  const end = x + (<usize>length << 2);
  for (; x + 16 <= end; x += 16, dy += 16, dx += 16) {
    const v = v128.load(x), w = v128.load(dy);
    v128.store(dx, joined(
      f64x2.add(f64x2.add(f64x2.mul(f64x2.sub(low(v), mean2), byX2), f64x2.mul(low(w), slope2)), offset2),
      f64x2.add(f64x2.add(f64x2.mul(f64x2.sub(high(v), mean2), byX2), f64x2.mul(high(w), slope2)), offset2),
    ));
  }
  for (; x < end; x += 4, dy += 4, dx += 4) {
    store<f32>(dx, <f32>((single(x) - mean) * byX + single(dy) * slope + offset));
  }
}

// A run with a parameter for each element: adds to groupSum and groupProduct, dgamma and dbeta.
function addWeighted(
  x: usize, dy: usize, length: i32, mean: f64, inverse: f64,
  gamma: usize, dgamma: usize, dbeta: usize,
): void {
  const mean2 = f64x2.splat(mean), inverse2 = f64x2.splat(inverse);
  let s0 = f64x2.splat(0), s1 = s0, p0 = s0, p1 = s0;
  const end = x + (<usize>length << 2);
  for (; x + 16 <= end; x += 16, dy += 16, gamma += 16, dgamma += 32, dbeta += 32) {
    const v = v128.load(x), w = v128.load(dy), u = v128.load(gamma);
    const a = low(w), b = high(w);
    const c = f64x2.mul(a, f64x2.sub(low(v), mean2)), d = f64x2.mul(b, f64x2.sub(high(v), mean2));
    v128.store(dbeta, f64x2.add(v128.load(dbeta), a));
    v128.store(dbeta, f64x2.add(v128.load(dbeta, 16), b), 16);
    v128.store(dgamma, f64x2.add(v128.load(dgamma), f64x2.mul(c, inverse2)));
    v128.store(dgamma, f64x2.add(v128.load(dgamma, 16), f64x2.mul(d, inverse2)), 16);
    s0 = f64x2.add(s0, f64x2.mul(a, low(u)));
    s1 = f64x2.add(s1, f64x2.mul(b, high(u)));
    p0 = f64x2.add(p0, f64x2.mul(c, low(u)));
    p1 = f64x2.add(p1, f64x2.mul(d, high(u)));
  }
  groupSum += total(f64x2.add(s0, s1));
  groupProduct += total(f64x2.add(p0, p1));
  for (; x < end; x += 4, dy += 4, gamma += 4, dgamma += 8, dbeta += 8) {
    const a = single(dy), c = a * (single(x) - mean), weight = single(gamma);
    store<f64>(dbeta, load<f64>(dbeta) + a);
    store<f64>(dgamma, load<f64>(dgamma) + c * inverse);
    groupSum += a * weight;
    groupProduct += c * weight;
  }
}

// dx = (x - mean) byX + dy gamma inverse + offset, with a parameter for each element.
function writeWeighted(
  x: usize, dy: usize, dx: usize, length: i32, mean: f64, byX: f64, inverse: f64, offset: f64,
  gamma: usize,
): void {
  const mean2 = f64x2.splat(mean), byX2 = f64x2.splat(byX);
  const inverse2 = f64x2.splat(inverse), offset2 = f64x2.splat(offset);
  const end = x + (<usize>length << 2);
  for (; x + 16 <= end; x += 16, dy += 16, dx += 16, gamma += 16) {
    const v = v128.load(x), w = v128.load(dy), u = v128.load(gamma);
    const a = f64x2.mul(f64x2.mul(low(w), inverse2), low(u));
    const b = f64x2.mul(f64x2.mul(high(w), inverse2), high(u));
    v128.store(dx, joined(
      f64x2.add(f64x2.add(f64x2.mul(f64x2.sub(low(v), mean2), byX2), a), offset2),
      f64x2.add(f64x2.add(f64x2.mul(f64x2.sub(high(v), mean2), byX2), b), offset2),
    ));
  }
  for (; x < end; x += 4, dy += 4, dx += 4, gamma += 4) {
    const slope = inverse * single(gamma);
    store<f32>(dx, <f32>((single(x) - mean) * byX + single(dy) * slope + offset));
  }
}

let groupSum: f64 = 0;
let groupProduct: f64 = 0;

export function gradientByRuns(
  x: usize, dy: usize, dx: usize,
  samples: i32, before: i32, channels: i32, features: i32, after: i32, perChannel: bool,
  count: f64, divisor: f64,
  means: usize, inverses: usize, gamma: usize, dgamma: usize, dbeta: usize,
): void {
  const length = features * after;
  const stride = <usize>(channels * length) << 2;
  const run = <usize>after << 2;
  for (let sample = 0; sample < samples; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      const group = <usize>(sample * channels + channel) << 3;
      const mean = load<f64>(means + group), inverse = load<f64>(inverses + group);
      const parameter: usize = perChannel ? <usize>(channel * features) : 0;
      const g = gamma + (parameter << 2), dg = dgamma + (parameter << 3), db = dbeta + (parameter << 3);
      const first = <usize>((sample * before * channels + channel) * length) << 2;
      groupSum = 0;
      groupProduct = 0;
      for (let row = 0; row < before; row++) {
        let i = first + <usize>row * stride;
        if (after == 1) {
          addWeighted(x + i, dy + i, features, mean, inverse, g, dg, db);
          continue;
        }
        for (let feature: usize = 0; feature < <usize>features; feature++, i += run) {
          sum = 0;
          product = 0;
          addProducts(x + i, dy + i, after, mean);
          const ownBeta = db + (feature << 3), ownGamma = dg + (feature << 3);
          store<f64>(ownBeta, load<f64>(ownBeta) + sum);
          store<f64>(ownGamma, load<f64>(ownGamma) + product * inverse);
          const weight = single(g + (feature << 2));
          groupSum += weight * sum;
          groupProduct += weight * product;
        }
      }
      const byX = -groupProduct * inverse * inverse * inverse / divisor;
      const offset = -groupSum * inverse / count;
      for (let row = 0; row < before; row++) {
        let i = first + <usize>row * stride;
        if (after == 1) {
          writeWeighted(x + i, dy + i, dx + i, features, mean, byX, inverse, offset, g);
          continue;
        }
        for (let feature: usize = 0; feature < <usize>features; feature++, i += run) {
          const slope = inverse * single(g + (feature << 2));
          writeLine(x + i, dy + i, dx + i, after, mean, byX, slope, offset);
        }
      }
    }
  }
}

// `scratch` holds 6 float64 for every column: mean, sum, product; then mean, byX, slope and offset.
export function gradientByColumns(
  x: usize, dy: usize, dx: usize,
  samples: i32, before: i32, channels: i32, features: i32, after: i32, perChannel: bool,
  count: f64, divisor: f64,
  means: usize, inverses: usize, gamma: usize, dgamma: usize, dbeta: usize, scratch: usize,
): void {
  const length = features * after, columns = channels * length;
  const size = <usize>columns << 3;
  const sums = scratch + size, products = sums + size;
  const byXs = products + size, slopes = byXs + size, offsets = slopes + size;
  const end = scratch + size;
  for (let sample = 0; sample < samples; sample++) {
    for (let column = 0; column < columns; column++) {
      const group = <usize>(sample * channels + column / length) << 3;
      store<f64>(scratch + (<usize>column << 3), load<f64>(means + group));
    }
    memory.fill(sums, 0, 2 * size);
    let u = x, w = dy;
    for (let row = 0; row < before; row++) {
      let p = scratch;
      for (; p + 32 <= end; p += 32, u += 16, w += 16) {
        const v = v128.load(u), d = v128.load(w);
        const a = low(d), b = high(d), s = p + size, q = s + size;
        v128.store(s, f64x2.add(v128.load(s), a));
        v128.store(s, f64x2.add(v128.load(s, 16), b), 16);
        v128.store(q, f64x2.add(v128.load(q), f64x2.mul(a, f64x2.sub(low(v), v128.load(p)))));
        v128.store(q, f64x2.add(v128.load(q, 16), f64x2.mul(b, f64x2.sub(high(v), v128.load(p, 16)))), 16);
      }
      for (; p < end; p += 8, u += 4, w += 4) {
        const a = single(w), s = p + size, q = s + size;
        store<f64>(s, load<f64>(s) + a);
        store<f64>(q, load<f64>(q) + a * (single(u) - load<f64>(p)));
      }
    }
    for (let channel = 0; channel < channels; channel++) {
      const inverse = load<f64>(inverses + (<usize>(sample * channels + channel) << 3));
      let all: f64 = 0, allProducts: f64 = 0;
      for (let column = channel * length; column < (channel + 1) * length; column++) {
        const cell = column / after, i = <usize>column << 3;
        const parameter = <usize>(perChannel ? cell : cell % features);
        const own = load<f64>(sums + i), ownProduct = load<f64>(products + i);
        const ownBeta = dbeta + (parameter << 3), ownGamma = dgamma + (parameter << 3);
        store<f64>(ownBeta, load<f64>(ownBeta) + own);
        store<f64>(ownGamma, load<f64>(ownGamma) + ownProduct * inverse);
        const weight = single(gamma + (parameter << 2));
        all += weight * own;
        allProducts += weight * ownProduct;
        store<f64>(slopes + i, weight * inverse);
      }
      const byX = -allProducts * inverse * inverse * inverse / divisor, offset = -all * inverse / count;
      for (let column = channel * length; column < (channel + 1) * length; column++) {
        store<f64>(byXs + (<usize>column << 3), byX);
        store<f64>(offsets + (<usize>column << 3), offset);
      }
    }
    for (let row = 0; row < before; row++) {
      let p = scratch;
      for (; p + 32 <= end; p += 32, x += 16, dy += 16, dx += 16) {
        const v = v128.load(x), d = v128.load(dy);
        const k = p + 3 * size, s = k + size, o = s + size;
        const a = f64x2.mul(f64x2.sub(low(v), v128.load(p)), v128.load(k));
        const b = f64x2.mul(f64x2.sub(high(v), v128.load(p, 16)), v128.load(k, 16));
        v128.store(dx, joined(
          f64x2.add(f64x2.add(a, f64x2.mul(low(d), v128.load(s))), v128.load(o)),
          f64x2.add(f64x2.add(b, f64x2.mul(high(d), v128.load(s, 16))), v128.load(o, 16)),
        ));
      }
      for (; p < end; p += 8, x += 4, dy += 4, dx += 4) {
        const k = p + 3 * size, s = k + size, o = s + size;
        const line = (single(x) - load<f64>(p)) * load<f64>(k) + single(dy) * load<f64>(s) + load<f64>(o);
        store<f32>(dx, <f32>line);
      }
    }
  }
}
