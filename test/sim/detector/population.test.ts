import { expect, test } from 'vitest'
import {
  defaultPopulation,
  drawDeposit,
  drawDeposits,
  matchedPopulation,
} from '../../../sim/detector/index.ts'
import { Random } from '../../../src/core/random.ts'
import { recoilClass } from '../../../src/frame/truth.ts'
import { moments } from './helpers.ts'

test('matched recoils have the same keVee spectrum in both classes', () => {
  const random = new Random(1)
  const population = matchedPopulation({ from: 1, to: 30 })
  const logs: Record<string, number[]> = { nuclear: [], electron: [] }
  for (let i = 0; i < 8000; i++) {
    const { particle, keVee } = drawDeposit(population, random)
    expect(keVee).toBeGreaterThanOrEqual(1)
    expect(keVee).toBeLessThanOrEqual(30)
    logs[recoilClass(particle)]!.push(Math.log(keVee!))
  }
  expect(Math.abs(logs['nuclear']!.length / 8000 - 0.5)).toBeLessThan(0.025)
  // Kolmogorov-Smirnov distance between the two classes.
  const a = logs['nuclear']!.sort((x, y) => x - y)
  const b = logs['electron']!.sort((x, y) => x - y)
  let distance = 0
  let j = 0
  a.forEach((value, i) => {
    while (j < b.length && b[j]! <= value) j++
    distance = Math.max(distance, Math.abs((i + 1) / a.length - j / b.length))
  })
  expect(distance).toBeLessThan(1.63 * Math.sqrt(1 / a.length + 1 / b.length))
})

test('the default mix has its rate and every particle', () => {
  const random = new Random(2)
  const frames = Array.from({ length: 2000 }, () => drawDeposits(defaultPopulation, random))
  expect(Math.abs(moments(frames.map((f) => f.length)).mean - 1.2)).toBeLessThan(0.08)
  const seen = new Set(frames.flat().map((d) => d.particle))
  expect([...seen].sort()).toEqual(['alpha', 'carbon', 'electron', 'fluorine', 'helium', 'muon'])
})
