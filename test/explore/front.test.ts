import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dominates, frontOf, nearFront } from '../../src/explore/front.ts'

const costs = fc.array(fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 0, max: 6 }))), {
  maxLength: 30,
})

describe('the front', () => {
  it('holds the points that nothing dominates', () => {
    const points = [
      [1, 9],
      [2, 5],
      [2, 7],
      [3, 5],
      [4, 1],
    ]
    expect(frontOf(points)).toEqual([true, true, false, false, true])
  })

  it('holds of equal points the first', () => {
    expect(
      frontOf([
        [1, 1],
        [1, 1],
      ]),
    ).toEqual([true, false])
  })

  it('leaves out only what one of its points makes up for', () => {
    fc.assert(
      fc.property(costs, (points) => {
        const front = frontOf(points)
        const members = points.filter((_, at) => front[at])
        points.forEach((point, at) => {
          const equal = members.some((other) => other.every((cost, i) => cost === point[i]))
          const beaten = members.some((other) => dominates(other, point))
          expect(beaten).toBe(!front[at] && !equal)
        })
        expect(members.length > 0).toBe(points.length > 0)
      }),
      { seed: 1 },
    )
  })

  it('is inside of what could be the front if one cost were uncertain', () => {
    fc.assert(
      fc.property(costs, (points) => {
        const near = nearFront(points, 1, 0.2)
        frontOf(points).forEach((member, at) => {
          if (member) expect(near[at]).toBe(true)
        })
      }),
      { seed: 1 },
    )
    expect(
      nearFront(
        [
          [1, 100],
          [1, 120],
          [1, 130],
        ],
        1,
        0.2,
      ),
    ).toEqual([true, true, false])
  })
})
