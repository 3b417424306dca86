import { expect, test } from 'vitest'
import { QuadraticLogistic } from '../../../models/pmt/logistic.ts'
import { auc } from '../../../src/compare/roc.ts'
import { Random } from '../../../src/core/random.ts'

/** Rows of four normal deviates and a constant; `label` decides. */
function sample(seed: number, label: (row: Float64Array, random: Random) => boolean) {
  const random = new Random(seed)
  const rows = Array.from({ length: 1500 }, () =>
    Float64Array.from({ length: 5 }, (_, f) => (f < 4 ? 5 + 3 * random.normal() : 1)),
  )
  return { rows, labels: rows.map((row) => (label(row, random) ? 1 : 0)) }
}

function heldOut(label: (row: Float64Array, random: Random) => boolean): number {
  const [train, test] = [sample(1, label), sample(2, label)]
  const model = new QuadraticLogistic(train.rows, train.labels)
  const scores = [0, 1].map((wanted) =>
    test.rows.filter((_, i) => test.labels[i] === wanted).map((row) => model.score(row)),
  ) as [number[], number[]]
  return auc(scores[1], scores[0]).value
}

test('learns a product, which no feature shows alone', () => {
  expect(heldOut((row) => (row[0]! - 5) * (row[1]! - 5) > 0)).toBeGreaterThan(0.97)
})

test('learns a width', () => {
  expect(heldOut((row) => Math.abs(row[2]! - 5) > 2)).toBeGreaterThan(0.97)
})

test('sees nothing where nothing is', () => {
  const value = heldOut((_, random) => random.uniform() < 0.5)
  expect(Math.abs(value - 0.5)).toBeLessThan(0.05)
})

test('gives log odds: the known ones of a logistic sample', () => {
  const odds = (row: Float64Array): number => 0.5 * (row[0]! - 5)
  const label = (row: Float64Array, random: Random): boolean =>
    random.uniform() < 1 / (1 + Math.exp(-odds(row)))
  const { rows, labels } = sample(3, label)
  const model = new QuadraticLogistic(rows, labels, 0.01)
  const at = (x: number): number => model.score(Float64Array.of(x, 5, 5, 5, 1))
  expect(at(8) - at(2)).toBeCloseTo(3, 0)
})
