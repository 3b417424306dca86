/**
 * Logistic regression on standardised features, their squares and their products: enough to see a difference of widths
 * in the light of a third feature. Newton's steps with a ridge on all but the intercept; deterministic.
 */
export class QuadraticLogistic {
  readonly #means: Float64Array
  readonly #scales: Float64Array
  readonly #weights: Float64Array

  /**
   * @param rows `[n][features]`
   * @param labels 0 or 1
   * @param ridge curvature added to each weight, in units of rows
   */
  constructor(rows: readonly Float64Array[], labels: ArrayLike<number>, ridge = 20) {
    const columns = Array.from(rows[0]!, (_, f) => Float64Array.from(rows, (row) => row[f]!))
    this.#means = Float64Array.from(columns, mean)
    this.#scales = Float64Array.from(columns, (column, f) => {
      const variance = mean(column.map((v) => (v - this.#means[f]!) ** 2))
      return Math.sqrt(variance) || 1
    })
    const terms = rows.map((row) => this.#expand(row))
    this.#weights = new Float64Array(terms[0]!.length)
    for (let step = 0; step < 8; step++) newtonStep(this.#weights, terms, labels, ridge)
  }

  /** Log odds of label 1. */
  score(row: Float64Array): number {
    return dot(this.#weights, this.#expand(row))
  }

  /** 1, the features cut at four standard deviations, their products in pairs. */
  #expand(row: Float64Array): Float64Array {
    const z = row.map((v, f) => Math.max(-4, Math.min(4, (v - this.#means[f]!) / this.#scales[f]!)))
    const terms = new Float64Array(1 + z.length + (z.length * (z.length + 1)) / 2)
    terms[0] = 1
    terms.set(z, 1)
    let at = 1 + z.length
    for (let i = 0; i < z.length; i++) for (let j = i; j < z.length; j++) terms[at++] = z[i]! * z[j]!
    return terms
  }
}

function newtonStep(
  weights: Float64Array,
  terms: readonly Float64Array[],
  labels: ArrayLike<number>,
  ridge: number,
): void {
  const size = weights.length
  const gradient = new Float64Array(size)
  const curvature = new Float64Array(size * size)
  terms.forEach((x, row) => {
    const probability = 1 / (1 + Math.exp(-dot(weights, x)))
    const w = Math.max(1e-6, probability * (1 - probability))
    for (let i = 0; i < size; i++) {
      gradient[i]! += (labels[row]! - probability) * x[i]!
      const wx = w * x[i]!
      for (let j = 0; j <= i; j++) curvature[i * size + j]! += wx * x[j]!
    }
  })
  for (let i = 1; i < size; i++) {
    gradient[i]! -= ridge * weights[i]!
    curvature[i * size + i]! += ridge
  }
  const step = solve(curvature, gradient)
  for (let i = 0; i < size; i++) weights[i]! += step[i]!
}

/** Solves `matrix x = right`, symmetric and positive definite, given by its lower half, which is overwritten (Cholesky). */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length
  const x = right.slice()
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k]! * matrix[j * n + k]!
      matrix[i * n + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * n + j]!
    }
    for (let k = 0; k < i; k++) x[i]! -= matrix[i * n + k]! * x[k]!
    x[i]! /= matrix[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= matrix[k * n + i]! * x[k]!
    x[i]! /= matrix[i * n + i]!
  }
  return x
}

function mean(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
