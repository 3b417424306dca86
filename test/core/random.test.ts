import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'

const draws = 200_000

function moments(draw: () => number): { mean: number; variance: number } {
  let sum = 0
  let squares = 0
  for (let i = 0; i < draws; i++) {
    const value = draw()
    sum += value
    squares += value * value
  }
  const mean = sum / draws
  return { mean, variance: squares / draws - mean * mean }
}

describe('Random', () => {
  it('repeats with the seed and differs between seeds', () => {
    const take = (seed: number): number[] => {
      const random = new Random(seed)
      return Array.from({ length: 5 }, () => random.uint32())
    }
    expect(take(7)).toEqual(take(7))
    expect(new Random(7).uint32()).not.toBe(new Random(8).uint32())
  })

  it('forks without being disturbed, and into different streams', () => {
    const plain = new Random(3)
    const forked = new Random(3)
    const a = forked.fork('a').uint32()
    const b = forked.fork('b').uint32()
    expect(a).not.toBe(b)
    expect(forked.uint32()).toBe(plain.uint32())
  })

  it.each([
    ['uniform', (r: Random) => r.uniform(), 0.5, 1 / 12],
    ['normal', (r: Random) => r.normal(), 0, 1],
    ['exponential', (r: Random) => r.exponential(), 1, 1],
    ['poisson of small mean', (r: Random) => r.poisson(3.5), 3.5, 3.5],
    ['poisson of large mean', (r: Random) => r.poisson(250), 250, 250],
    ['gamma of small shape', (r: Random) => r.gamma(5), 5, 5],
    ['gamma of large shape', (r: Random) => r.gamma(100), 100, 100],
  ] as const)('has the moments of the %s distribution', (_name, draw, mean, variance) => {
    const random = new Random(11)
    const measured = moments(() => draw(random))
    expect(Math.abs(measured.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / draws))
    expect(measured.variance / variance).toBeGreaterThan(0.97)
    expect(measured.variance / variance).toBeLessThan(1.03)
  })
})
