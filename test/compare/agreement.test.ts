import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AgreementCounter,
  comparePackets,
  compareScores,
  differingBytes,
} from '../../src/compare/agreement.ts'
import { describeDisagreement } from '../../src/compare/disagreement.ts'
import { decodeEventPacket, type EventRecord } from '../../src/trigger/event-packet.ts'
import { makeRecord } from './make.ts'

const devices = ['model:', 'sim:'] as const
const record = makeRecord([{ box: [1, 2, 3, 4], sum: -5 }, { box: [5, 6, 7, 8] }], { frame: 3 })

/** The record with one byte of its packet changed; decoded again where that is still possible. */
function changed(offset: number, value: number): Pick<EventRecord, 'packet'> {
  const packet = record.packet.slice()
  packet[offset] = value
  return { packet }
}

describe('differingBytes', () => {
  it('counts bytes, and each byte of a longer packet', () => {
    expect(differingBytes(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 9, 3))).toBe(1)
    expect(differingBytes(Uint8Array.of(1, 2, 3), Uint8Array.of(1))).toBe(2)
    expect(differingBytes(new Uint8Array(), new Uint8Array())).toBe(0)
  })
})

describe('comparePackets', () => {
  it('is null for equal packets', () => {
    expect(comparePackets(record, { packet: record.packet.slice() }, devices)).toBeNull()
  })

  it.each([
    [8, 7, 'header', 'timeTag', '3000', '2823'],
    [18, 99, 'header', 'height', '48', '99'],
    [32 + 4, 9, 'cluster 0', 'x0', '1', '9'],
    [32 + 10, 9, 'cluster 0', 'y1', '4', '9'],
    [32 + 16, 0, 'cluster 0', 'sum', '-5', '-256'],
    [132 + 80, 255, 'cluster 1', 'feature energy', '1', '-1'],
    [132 + 94, 0, 'cluster 1', 'score electron', '-100', '-256'],
    [132 + 98, 2, 'cluster 1', 'winner', '0', '2'],
    [232 + 16, 11, 'trailer', 'active', '10', '11'],
  ])('names byte %i (as %i)', (offset, value, name, field, p, q) => {
    const found = comparePackets(record, changed(offset, value), devices)!
    expect([found.record, found.field, ...found.values]).toEqual([name, field, p, q])
    expect(found).toMatchObject({ frame: 3, count: 1, devices })
  })

  it('names rows of blocks', () => {
    const lit = (word: number): EventRecord =>
      makeRecord([], { blocks: [{ row: 2, words: Uint32Array.of(word) }] })
    const found = comparePackets(lit(5), lit(7), devices)!
    expect(found).toMatchObject({ record: 'block row 2', cluster: null, field: 'word 0', values: ['5', '7'] })
    expect(comparePackets(lit(5), makeRecord([]), devices)).toMatchObject({ record: 'block row 2' })
  })

  it('says when a record is missing', () => {
    const fewer = makeRecord([{ box: [1, 2, 3, 4], sum: -5 }], { frame: 3 })
    const found = comparePackets(record, fewer, devices)!
    expect(found).toMatchObject({ record: 'cluster 1', cluster: 1, field: 'record' })
    expect(found.values).toEqual(['cluster 1', 'trailer'])
    const cut = comparePackets(record, { packet: record.packet.subarray(0, 236) }, devices)!
    expect(cut).toMatchObject({ record: 'trailer', field: 'kept', values: ['2', 'nothing'], count: 28 })
    expect(describeDisagreement(cut)).toBe(
      'frame 3, trailer, kept: 2 from model:, nothing from sim: (28 bytes differ in this frame)',
    )
  })

  it('names something for any two byte strings', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (a, b) => {
        const found = comparePackets({ frame: 0, packet: a }, { packet: b }, devices)
        expect(found === null).toBe(Buffer.compare(a, b) === 0)
        if (found !== null) expect(describeDisagreement(found)).toMatch(/differ/)
      }),
      { seed: 5 },
    )
  })
})

describe('compareScores', () => {
  const other = (scores: readonly [number, number, number]): EventRecord =>
    makeRecord([{ box: [1, 2, 3, 4] }, { box: [5, 6, 7, 8], scores }])

  it('compares scores exactly, clusters by order', () => {
    expect(compareScores(record, other([100, -100, -200]), devices)).toEqual([])
    const [found, ...more] = compareScores(record, other([100, -101, -201]), devices)
    expect(more).toEqual([])
    expect(found).toMatchObject({ record: 'cluster 1', field: 'score electron', count: 2 })
    expect(found!.values).toEqual(['-100', '-101'])
    expect(found!.explanation).toBe('rounding')
  })

  it('compares fractions within a step', () => {
    const fractions = (...scores: number[]) => ({
      ...record,
      scoresAsGiven: Float64Array.of(100, -100, -200, ...scores),
    })
    expect(compareScores(record, fractions(100.9, -99.1, -200), devices)).toEqual([])
    const [found] = compareScores(record, fractions(100, -100, -201.5), devices)
    expect(found).toMatchObject({ cluster: 1, field: 'score other', values: ['-200', '-201.5'], count: 1 })
  })

  it('asks the unquantized network about larger differences', () => {
    const asked: Int8Array[] = []
    const unquantized = (features: Int8Array): number[] => {
      asked.push(features)
      return [130, -100, -200]
    }
    const explained = (...scores: [number, number, number]) =>
      compareScores(record, other(scores), devices, unquantized).map((d) => d.explanation)
    expect(explained(120, -100, -200)).toEqual(['quantization'])
    expect(explained(140, -100, -200)).toEqual(['real difference'])
    expect(explained(120, -100, -190)).toEqual(['real difference'])
    expect(asked.every((features) => features[0] === 1)).toBe(true)
  })

  it('counts all scores of a cluster that one device lacks', () => {
    const [found] = compareScores(record, makeRecord([{ box: [1, 2, 3, 4] }]), devices)
    expect(found).toMatchObject({ record: 'cluster 1', field: 'score nuclear', count: 3, explanation: null })
    expect(found!.values).toEqual(['100', 'no cluster'])
  })
})

describe('AgreementCounter', () => {
  it('keeps real differences rather than small ones, in the order of the frames', () => {
    const scored = (frame: number, score: number): EventRecord =>
      makeRecord([{ box: [1, 2, 3, 4], scores: [score, 0, 0] }], { frame })
    const counter = new AgreementCounter(2)
    for (const [frame, score] of [1, 1, 90, 1, 80].entries())
      counter.scores('model:', scored(frame, 0), 'onnx:cpu', scored(frame, score))
    expect(counter.disagreements.map(({ frame }) => frame)).toEqual([2, 4])
    expect(counter.scoreCounts()[0]).toMatchObject({
      ...{ differingClusters: 5, explained: { rounding: 3, quantization: 0, 'real difference': 2 } },
    })
  })

  it('adds up frames and keeps the first disagreements only', () => {
    const counter = new AgreementCounter(1)
    const bad = decodeEventPacket(changed(132 + 94, 0).packet)
    counter.bytes('model:', record, 'sim:', record)
    counter.bytes('model:', record, 'sim:', bad)
    counter.scores('model:', record, 'onnx:cpu', bad)
    expect(counter.byteCounts()).toEqual([
      { address: 'sim:', frames: 2, differingFrames: 1, differingBytes: 1 },
    ])
    expect(counter.scoreCounts()).toEqual([
      {
        ...{ address: 'onnx:cpu', frames: 1, comparedClusters: 2, differingScores: 1 },
        ...{ differingClusters: 1, largestDifference: 156 },
        explained: { rounding: 0, quantization: 0, 'real difference': 1 },
      },
    ])
    expect(counter.disagreements).toHaveLength(1)
  })
})
