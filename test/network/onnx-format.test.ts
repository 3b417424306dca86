import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import {
  buildDenseModel,
  buildDenseOnnx,
  importNetwork,
  readOnnx,
  writeOnnx,
} from '../../src/network/index.ts'
import { sharedModels } from '../support/shared-data.ts'
import { randomSpec, recoilSpec } from './random-network.ts'

/** The code of the error that `action` throws, which must be a GemgateError with a remedy; else 'none'. */
function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    expect(error.remedy.length).toBeGreaterThan(5)
    return error.code
  }
  return 'none'
}

describe('ONNX files', () => {
  it('read back as written, byte for byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        const model = buildDenseModel(randomSpec(seed))
        const bytes = writeOnnx(model)
        const again = readOnnx(bytes)
        expect(again.graph.nodes).toEqual(model.graph.nodes)
        expect(again.graph.inputs).toEqual(model.graph.inputs)
        expect(Buffer.compare(writeOnnx(again), bytes)).toBe(0)
      }),
      { numRuns: 40, seed: 7 },
    )
  })

  it('keep metadata', () => {
    const bytes = buildDenseOnnx({ ...recoilSpec(1), metadata: { seed: '1', data: 'toy' } })
    expect([...readOnnx(bytes).metadata]).toEqual([
      ['seed', '1'],
      ['data', 'toy'],
    ])
  })

  it('cut short anywhere are refused with a typed error', () => {
    const bytes = buildDenseOnnx(recoilSpec(2))
    for (let length = 0; length < bytes.length; length++) {
      const code = codeOf(() => importNetwork(readOnnx(bytes.subarray(0, length))))
      // A cut between top-level fields leaves a model without operator sets.
      expect(code).toMatch(/^GG_MODEL_(FORMAT|UNSUPPORTED)$/)
    }
  })

  it('with damaged bytes give a typed error or a network, never another exception', () => {
    const bytes = buildDenseOnnx(recoilSpec(3))
    const edits = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    const seen = new Set<string>()
    fc.assert(
      fc.property(edits, (list) => {
        const damaged = Uint8Array.from(bytes)
        for (const [at, value] of list) damaged[at] = value
        seen.add(codeOf(() => importNetwork(readOnnx(damaged))))
      }),
      { numRuns: 5000, seed: 11 },
    )
    expect([...seen].sort()).toEqual(['GG_MODEL_FORMAT', 'GG_MODEL_INEXACT', 'GG_MODEL_UNSUPPORTED', 'none'])
  })

  it('of random bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(codeOf(() => readOnnx(bytes))).toBe('GG_MODEL_FORMAT')
      }),
      { numRuns: 5000, seed: 12 },
    )
  })

  it('that announce or hold too much are refused quickly', () => {
    const started = performance.now()
    expect(codeOf(() => readOnnx(new Uint8Array(64 * 1024 * 1024 + 1)))).toBe('GG_MODEL_FORMAT')
    // A graph that claims 4 GB.
    expect(codeOf(() => readOnnx(Uint8Array.of(8, 10, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f)))).toBe(
      'GG_MODEL_FORMAT',
    )
    // Six million empty nodes in 12 MB.
    const nodes = new Uint8Array(12_000_000)
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a
    const many = Buffer.concat([Uint8Array.of(8, 10, 0x3a, 0x80, 0xb6, 0xdc, 0x05), nodes])
    expect(() => readOnnx(many)).toThrow(/more than 1000000 items/)
    // A constant of 2^40 elements without data.
    const model = buildDenseModel(recoilSpec(1))
    const initializers = model.graph.initializers.map((tensor) =>
      tensor.name === 'layer0.weights.integer' ? { ...tensor, dims: [2 ** 20, 2 ** 20] } : tensor,
    )
    const huge = writeOnnx({ ...model, graph: { ...model.graph, initializers } })
    expect(codeOf(() => importNetwork(readOnnx(huge)))).toBe('GG_MODEL_FORMAT')
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

const present = existsSync(sharedModels)

describe.skipIf(!present)(`public models${present ? '' : ' (SKIPPED: ../shared/models is absent)'}`, () => {
  it('all read; each imports or is refused with a typed error', () => {
    const files = readdirSync(sharedModels, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.onnx'))
      .map((name) => join(sharedModels, name))
      .filter((file) => statSync(file).size < 4_000_000)
    expect(files.length).toBeGreaterThan(50)
    for (const file of files) {
      const model = readOnnx(readFileSync(file))
      expect(model.graph.nodes.length + model.graph.outputs.length, file).toBeGreaterThan(0)
      expect(
        codeOf(() => importNetwork(model)),
        file,
      ).toMatch(/^GG_MODEL_|^none$/)
    }
  })
})
