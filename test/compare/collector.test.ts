import { describe, expect, it } from 'vitest'
import { ComparisonCollector } from '../../src/compare/collector.ts'
import { RunSummary } from '../../src/compare/run-summary.ts'
import { makeDeposit, makeRecord, makeTruth } from './make.ts'
import { comparison, simulate, timing } from './simulated.ts'

const unmeasured = {
  ...{ lastPixelToResult: null, classifier: null },
  notMeasured: { lastPixelToResult: 'no frame was timed', classifier: 'it was not measured' },
}

describe('ComparisonCollector', () => {
  const { result, report, frames } = comparison()

  it('gives the JSON contract of compare --json', () => {
    expect(JSON.parse(JSON.stringify(result))).toEqual({
      frames: 24,
      devices: [
        {
          address: 'model:',
          framesPerSecond: 100,
          pixelsPerSecond: 6_553_600,
          latencyMs: { p50: 10, p99: 10 },
          lastPixelToResult: { p50Us: 10_000, p99Us: 10_000, clocks: null },
          classifier: timing,
          notMeasured: { joulesPerCluster: 'no counters' },
        },
        {
          address: 'sim:',
          framesPerSecond: expect.closeTo(1000 / 411.5, 9),
          pixelsPerSecond: expect.any(Number),
          latencyMs: { p50: 411, p99: 423 },
          lastPixelToResult: {
            ...{ p50Us: expect.closeTo(10, 9), p99Us: expect.closeTo(20, 9) },
            clocks: { p50: 300, p99: 600, clockHz: 30_000_000 },
          },
          classifier: null,
          notMeasured: { classifier: 'inside the logic' },
        },
        {
          address: 'onnx:cpu',
          framesPerSecond: null,
          pixelsPerSecond: null,
          latencyMs: { p50: null, p99: null },
          ...unmeasured,
        },
      ],
      probed: [],
      reference: null,
      scores: [
        {
          ...{ address: 'onnx:cpu', frames: 24, differingScores: 3, differingClusters: 1 },
          comparedClusters: result.onnx.comparedClusters,
          largestDifference: 1,
          explained: { rounding: 1, quantization: 0, 'real difference': 0 },
        },
      ],
      disagreements: [
        expect.objectContaining({ kind: 'bytes', frame: 2, explanation: null }),
        expect.objectContaining({ kind: 'scores', frame: 2, cluster: 0, count: 3, explanation: 'rounding' }),
      ],
      agreement: { differingBytes: 1, frames: 24, comparedTo: 'model:' },
      onnx: {
        comparedClusters: frames.reduce((sum, { record }) => sum + record.clusters.length, 0),
        differingScores: 3,
      },
      physics: {
        signalKept: expect.any(Number),
        areaDiscarded: expect.any(Number),
        falseRoisPerEmptyFrame: expect.any(Number),
        aucMatchedEnergy: expect.any(Number),
        aucMatchedEnergyError: expect.any(Number),
        efficiencyVsKeV: expect.arrayContaining([[expect.any(Number), expect.any(Number)]]),
      },
    })
  })

  it('finds the simulated recoils', () => {
    expect(result.physics.signalKept).toBeGreaterThan(0.95)
    expect(result.physics.areaDiscarded).toBeGreaterThan(0.7)
    expect(result.physics.areaDiscarded).toBeLessThan(1)
  })

  it('keeps a few small pictures, the frame with a disagreement among them', () => {
    expect(report.frames).toHaveLength(6)
    expect(report.frames.map((f) => f.frame)).toContain(2)
    expect(report.crops.filter((c) => c.group === 'disagreement')).toHaveLength(2)
    for (const { image } of [...report.frames, ...report.crops])
      expect(Math.max(image.width, image.height)).toBeLessThanOrEqual(576)
  })

  it('keeps the object with nulls where nothing was measured', () => {
    const alone = new ComparisonCollector([{ address: 'model:', description: '' }])
    expect(alone.finish().result).toEqual({
      frames: 0,
      devices: [
        {
          address: 'model:',
          framesPerSecond: null,
          pixelsPerSecond: null,
          latencyMs: { p50: null, p99: null },
          ...unmeasured,
        },
      ],
      ...{ probed: [], scores: [], disagreements: [] },
      agreement: { differingBytes: null, frames: 0, comparedTo: null },
      onnx: { comparedClusters: null, differingScores: null },
      physics: {
        signalKept: null,
        areaDiscarded: null,
        falseRoisPerEmptyFrame: null,
        aucMatchedEnergy: null,
        aucMatchedEnergyError: null,
        efficiencyVsKeV: [],
      },
      reference: null,
    })
  })

  it('takes the first device that is not ONNX Runtime as the reference', () => {
    const info = (address: string) => ({ address, description: '' })
    const collector = new ComparisonCollector([info('onnx:cpu'), info('model:'), info('sim:')])
    expect(collector.finish().report.reference).toBe('model:')
    expect(new ComparisonCollector([info('onnx:cpu')]).finish().report.reference).toBe('onnx:cpu')
  })
})

describe('RunSummary', () => {
  it('counts recoils by class, and light where there is truth', () => {
    const summary = new RunSummary('model:')
    const { frame } = simulate(1)[0]!
    const pixels = frame.pixels.subarray(0, 64 * 48)
    const truth = makeTruth([makeDeposit('helium', 5, [8, 8, 4, 4])])
    const electron = { box: [8, 8, 9, 9], scores: [-5, 5, 0] } as const
    summary.frame({ ...frame, ...truth, pixels }, makeRecord([{ box: [2, 2, 2, 2] }, electron]))
    expect(summary.clusters).toBe(2)
    expect(summary.result()).toMatchObject({
      frames: 1,
      clusters: 2,
      recoils: { nuclear: 1, electron: 1, other: 0 },
      signalKept: 1,
    })
    const blind = new RunSummary('model:')
    const { truth: _, ...without } = { ...frame, width: 64, height: 48, pixels }
    blind.frame(without, makeRecord([]))
    expect(blind.result()).toMatchObject({ signalKept: null, areaDiscarded: null })
  })
})
