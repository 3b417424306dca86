import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildDenseModel,
  buildDenseOnnx,
  type DenseSpec,
  importNetwork,
  type NetworkVector,
  openOnnxSession,
  readOnnx,
} from '../../src/network/index.ts'
import { evaluateRows } from './evaluate-rows.ts'
import { randomInputs, randomSpec, recoilSpec } from './random-network.ts'

const runtime = await import('onnxruntime-node').then(
  () => true,
  () => false,
)
const title = runtime
  ? 'equals ONNX Runtime'
  : 'equals ONNX Runtime (SKIPPED: onnxruntime-node is not installed)'

/** Differences between the integer graph and ONNX Runtime, and how many scores were compared. */
async function compare(spec: DenseSpec, rows: number, optimization: 'disabled' | 'all') {
  return compareFile(buildDenseOnnx(spec), randomInputs(spec, rows, 99), rows, optimization)
}

async function compareFile(
  bytes: Uint8Array,
  x: NetworkVector,
  rows: number,
  optimization: 'disabled' | 'all',
) {
  const { graph, certificate } = importNetwork(readOnnx(bytes), { oracle: 'qdq-float' })
  expect(certificate.class).toBe('A')
  const scores = evaluateRows(graph, x, rows)
  await using session = await openOnnxSession(bytes, { optimization })
  const expected = await session.run(x, rows)
  expect(expected.length).toBe(scores.length)
  let differences = 0
  for (let i = 0; i < scores.length; i++) if (scores[i] !== expected[i]) differences++
  return { differences, distinct: new Set(scores).size }
}

describe.skipIf(!runtime)(title, () => {
  for (const optimization of ['disabled', 'all'] as const) {
    it(`the 9-10-7-3 network, 20000 vectors, optimization ${optimization}`, async () => {
      for (const seed of [1, 2, 3]) {
        const result = await compare(recoilSpec(seed), 20_000, optimization)
        expect(result.differences).toBe(0)
        expect(result.distinct).toBeGreaterThan(1000)
      }
    })

    it(`the shipped classifier, 50000 vectors, optimization ${optimization}`, async () => {
      const bytes = readFileSync(new URL('../../models/recoil-mlp.onnx', import.meta.url))
      const x = randomInputs(recoilSpec(1), 50_000, 5)
      const result = await compareFile(bytes, x, 50_000, optimization)
      expect(result.differences).toBe(0)
      expect(result.distinct).toBeGreaterThan(1000)
    })

    it(`networks of random sizes, scales, types and forms, optimization ${optimization}`, async () => {
      let distinct = 0
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 1e9 }), async (seed) => {
          const result = await compare(randomSpec(seed), 256, optimization)
          expect(result.differences).toBe(0)
          distinct += result.distinct
        }),
        { numRuns: 150, seed: 20260101 },
      )
      expect(distinct).toBeGreaterThan(5000)
    })

    it(`accumulators next to 2^24 and ties, optimization ${optimization}`, async () => {
      // 512 inputs of 255 times 127 plus a bias: 16 777 215, one below the limit.
      const weights = new Int8Array(512 * 4).fill(127)
      const bias = Int32Array.of(2 ** 24 - 1 - 512 * 255 * 127, 1, 2, 3)
      for (let i = 0; i < 512; i++) weights[512 + i] = i % 2 ? 127 : -127
      const layer = { inputs: 512, outputs: 4, weights, bias, weightExponent: 0, outputExponent: 9 }
      const wide = { ...layer, outputType: 'int16', relu: false } as const
      const spec = { name: 'wide', inputType: 'uint8', inputExponent: 0, layers: [wide] } as const
      const { perNode } = importNetwork(buildDenseModel(spec)).certificate
      expect(perNode.find(({ operator }) => operator === 'Gemm')!.bound).toBe(2 ** 24 - 1)
      expect((await compare(spec, 2000, optimization)).differences).toBe(0)
      // One input, weight 1: every accumulator value from -128 to 127 at shifts 1 to 7 meets each tie.
      for (let shift = 1; shift <= 7; shift++) {
        const one = {
          inputs: 1,
          outputs: 1,
          weights: Int8Array.of(1),
          bias: Int32Array.of(0),
          weightExponent: 0,
        }
        const ties = { ...one, outputExponent: shift, outputType: 'int8', relu: false } as const
        const tieSpec = { name: 'ties', inputType: 'int8', inputExponent: 0, layers: [ties] } as const
        expect((await compare(tieSpec, 2000, optimization)).differences).toBe(0)
      }
    })
  }
})
