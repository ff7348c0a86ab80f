/**
 * Student's t distribution. Own code: of the typed packages one does not start in Deno, one loses small p
 * values, and one brings 233 packages.
 *
 * With t = √ν / tan φ the density becomes a power of a sine, so that
 * `P(|T| > t) = ∫₀^φ sin^(ν-1) / ∫₀^(π/2) sin^(ν-1)`, `φ = atan(√ν / |t|)`.
 * For 1 to 3000 degrees of freedom the relative error is below 1e-12, also for tiny p.
 *
 * @module
 */

/** Distance of the nodes; half of it changes no result by 1e-12. */
const STEP = 1 / 32;
/** Here the weights are below 1e-30. */
const REACH = 4;

/** Nodes in (0, 1) and weights of the tanh-sinh rule (Takahasi & Mori 1974). */
const NODES = Array.from({ length: 2 * REACH / STEP + 1 }, (_, index) => {
  const place = index * STEP - REACH;
  const odds = Math.exp(-Math.PI * Math.sinh(place));
  const slope = Math.PI * Math.cosh(place) * odds / (1 + odds) ** 2;
  return { node: 1 / (1 + odds), weight: STEP * slope };
});

/** The integral of sin^power from 0 to `angle`. */
function integral(angle: number, power: number): number {
  return angle *
    NODES.reduce((sum, { node, weight }) => sum + weight * Math.sin(angle * node) ** power, 0);
}

/** The probability of a t at least as far from 0, on either side; `degrees` need not be whole. */
export function twoSidedP(t: number, degrees: number): number {
  const angle = Math.atan2(Math.sqrt(degrees), Math.abs(t));
  return Math.min(1, integral(angle, degrees - 1) / integral(Math.PI / 2, degrees - 1));
}

/** The value of t that a share `probability` of 0.5 to 1 lies below; `degrees` need not be whole. */
export function quantileOfT(probability: number, degrees: number): number {
  const wanted = 2 * (1 - probability) * integral(Math.PI / 2, degrees - 1);
  let [low, high] = [0, Math.PI / 2];
  for (let halvings = 0; halvings < 60; halvings++) {
    const middle = (low + high) / 2;
    if (integral(middle, degrees - 1) < wanted) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) / Math.tan((low + high) / 2);
}
