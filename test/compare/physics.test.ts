import { describe, expect, it } from 'vitest'
import { EfficiencyHistogram, fraction } from '../../src/compare/efficiency.ts'
import { matchClusters } from '../../src/compare/match.ts'
import { PhysicsCollector } from '../../src/compare/physics.ts'
import { makeDeposit, makeRecord, makeTruth } from './make.ts'

describe('PhysicsCollector', () => {
  it('measures kept light and discarded area of one frame', () => {
    const physics = new PhysicsCollector({ margin: 0 })
    // Columns 8 to 15 of a deposit in columns 4 to 15: two thirds. A second deposit is missed.
    const truth = [
      makeDeposit('helium', 5, [4, 8, 12, 4], { adu: 10 }),
      makeDeposit('electron', 2, [40, 40, 4, 4], { adu: 20 }),
    ]
    const frame = physics.frame(makeTruth(truth, 7), makeRecord([{ box: [2, 2, 3, 2] }]))
    expect(frame).toMatchObject({ frame: 7, areaDiscarded: 1 - 32 / (64 * 48) })
    expect(frame.signalKept).toBeCloseTo(320 / (480 + 320), 12)
    expect(frame.outcomes.map((o) => o!.found)).toEqual([true, false])
    expect(frame.outcomes[0]!.kept).toBeCloseTo(2 / 3, 6)
    const detail = physics.finish()
    expect(detail.efficiencyByClass).toMatchObject({
      nuclear: { found: 1, tried: 1 },
      electron: { found: 0, tried: 1 },
      other: null,
    })
    expect(detail.efficiency.map((b) => [b.keV, b.value])).toEqual([
      [expect.closeTo(2, 9), 0],
      [expect.closeTo(5, 9), 1],
    ])
    expect(detail.confusion.nuclear).toEqual({ nuclear: 1, electron: 0, other: 0 })
  })

  it('averages over frames, not over light, and leaves frames without light out of the signal', () => {
    const physics = new PhysicsCollector({ margin: 0 })
    const bright = makeDeposit('electron', 20, [8, 8, 4, 4], { adu: 1000 })
    const faint = makeDeposit('electron', 1, [40, 40, 4, 4], { adu: 1 })
    physics.frame(makeTruth([bright]), makeRecord([{ box: [2, 2, 2, 2] }]))
    physics.frame(makeTruth([faint]), makeRecord([]))
    physics.frame(makeTruth([]), makeRecord([{ box: [0, 0, 0, 0] }, { box: [5, 5, 5, 5] }]))
    const detail = physics.finish()
    expect(detail.signalKept).toEqual({ value: 0.5, error: 0.5 })
    expect(detail.framesWithLight).toBe(2)
    expect(detail.areaDiscarded!.value).toBeCloseTo(1 - 48 / 3 / (64 * 48), 12)
    expect(detail).toMatchObject({ emptyFrames: 1, falseRois: 2, unmatchedClusters: 0 })
  })

  it('tells merged deposits from those with a cluster of their own', () => {
    const physics = new PhysicsCollector({ margin: 0 })
    const truth = [
      makeDeposit('helium', 5, [8, 8, 4, 4], { adu: 10 }),
      makeDeposit('electron', 2, [12, 8, 4, 4], { adu: 9 }),
      makeDeposit('electron', 3, [40, 40, 4, 4]),
      makeDeposit('electron', 3, [0, 40, 4, 4]),
    ]
    const record = makeRecord([{ box: [2, 2, 3, 2] }, { box: [10, 10, 10, 10] }])
    const { outcomes } = physics.frame(makeTruth(truth), record)
    expect(outcomes.map((o) => o!.found)).toEqual([true, true, true, false])
    expect(physics.finish()).toMatchObject({ mergedDeposits: 1, pileUpClusters: 1, ambiguousClusters: 1 })
  })

  it('counts dark frames and keeps null what has no truth', () => {
    const physics = new PhysicsCollector()
    physics.emptyFrame(makeRecord([{ box: [0, 0, 0, 0] }]))
    physics.emptyFrame(makeRecord([]))
    const frame = physics.frame({ width: 64, height: 48, number: 0 }, makeRecord([{ box: [3, 3, 4, 4] }]))
    expect(frame).toMatchObject({ signalKept: null, matches: null, outcomes: [] })
    const detail = physics.finish()
    expect(detail).toMatchObject({ signalKept: null, emptyFrames: 2, falseRois: 1, matched: null })
    expect(detail.clusters).toEqual({ nuclear: 1, electron: 0, other: 0 })
    expect(detail.frames).toHaveLength(1)
  })
})

describe('matchClusters', () => {
  it('takes the deposit with the most light, and marks light of several classes', () => {
    const truth = {
      deposits: [
        makeDeposit('helium', 5, [8, 8, 4, 4], { adu: 10 }),
        makeDeposit('electron', 2, [12, 8, 4, 4], { adu: 9 }),
        makeDeposit('carbon', 3, [40, 40, 4, 4]),
        makeDeposit('fluorine', 4, [44, 40, 4, 4]),
      ],
    }
    const record = makeRecord([
      { box: [2, 2, 3, 2] },
      { box: [2, 2, 2, 2] },
      { box: [10, 10, 11, 10] },
      { box: [0, 0, 0, 0] },
    ])
    const matches = matchClusters(record, truth, 64)
    expect(matches.map((m) => [m.deposit, m.ambiguous, m.pileUp])).toEqual([
      [0, true, true],
      [0, false, false],
      [2, false, true],
      [null, false, false],
    ])
    expect(matches.map((m) => m.share)).toEqual([1, 1, 1, 0])
    // Two clusters hold the same deposit wholly: the first one stands for it.
    expect(matches.map((m) => m.best)).toEqual([true, false, true, false])
  })

  it('gives one entry per deposit when a track breaks', () => {
    const truth = { deposits: [makeDeposit('muon', 50, [0, 8, 40, 4])] }
    const record = makeRecord([{ box: [0, 2, 2, 2] }, { box: [5, 2, 9, 2] }])
    expect(matchClusters(record, truth, 64).map((m) => m.best)).toEqual([false, true])
  })
})

describe('fraction', () => {
  it('is the Wilson interval', () => {
    // 8 of 10 at one sigma: (0.8 + 0.05 +- sqrt(0.016 + 0.0025)) / 1.1.
    const { low, high } = fraction(8, 10)
    expect(low).toBeCloseTo((0.85 - Math.sqrt(0.0185)) / 1.1, 12)
    expect(high).toBeCloseTo((0.85 + Math.sqrt(0.0185)) / 1.1, 12)
    expect(fraction(0, 4)).toMatchObject({ low: 0, high: expect.closeTo(0.2, 12) })
    expect(fraction(4, 4)).toMatchObject({ low: expect.closeTo(0.8, 12), high: 1 })
    expect(() => fraction(0, 0)).toThrow(RangeError)
  })

  it('fills bins up to, not including, their upper edge', () => {
    const histogram = new EfficiencyHistogram([1, 2, 4])
    for (const [keV, found] of [
      [1, true],
      [2, false],
      [3, true],
      [4, true],
      [0.5, true],
    ] as const)
      histogram.add(keV, found)
    expect(histogram.bins()).toMatchObject([
      { fromKeV: 1, toKeV: 2, found: 1, tried: 1, keV: 1 },
      { fromKeV: 2, toKeV: 4, found: 1, tried: 2, keV: expect.closeTo(Math.sqrt(6), 9) },
    ])
  })
})
