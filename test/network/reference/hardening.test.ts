import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { Random } from '../../../src/core/random.ts'
import { type OnnxModel, onnxTypes } from '../../../src/network/onnx/onnx-model.ts'
import { readOnnx } from '../../../src/network/onnx/onnx-read.ts'
import { tensorValues } from '../../../src/network/onnx/onnx-tensor.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'
import {
  evaluateModel,
  floatTensor,
  foldConstants,
  inferShapes,
  type Tensor,
} from '../../../src/network/reference/index.ts'
import { sharedModels } from '../../support/shared-data.ts'
import { feedsOf, type SingleNode, singleNodeModel } from './single-node.ts'

const { float, int64, uint8 } = onnxTypes
const integers = (...values: number[]): Tensor => ({
  type: int64,
  dims: [values.length],
  data: Float64Array.from(values),
})

/** The error of an action, which must be a GemgateError with a remedy; undefined without one. */
function errorOf(action: () => unknown): GemgateError | undefined {
  try {
    action()
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    expect(error.remedy.length).toBeGreaterThan(5)
    return error
  }
  return undefined
}

const evaluateNode = (node: SingleNode): Map<string, Tensor> =>
  evaluateModel(singleNodeModel(node), feedsOf(node))

describe('the evaluator refuses, and names the node,', () => {
  const x = floatTensor([1, 2, 4, 4], new Float64Array(32))
  const cases: [string, SingleNode, string, RegExp][] = [
    ['unknown operators', { operator: 'Einsum', inputs: [x] }, 'GG_MODEL_UNSUPPORTED', /'Einsum' is not/],
    [
      'unknown attributes',
      { operator: 'Relu', inputs: [x], attributes: { leak: 1 } },
      'GG_MODEL_UNSUPPORTED',
      /attribute 'leak'/,
    ],
    ['missing inputs', { operator: 'Add', inputs: [x] }, 'GG_MODEL_FORMAT', /input 1 is missing/],
    [
      'shapes that do not fit',
      { operator: 'Add', inputs: [x, floatTensor([3], [1, 2, 3])] },
      'GG_MODEL_FORMAT',
      /do not fit/,
    ],
    [
      'kernels that do not fit',
      { operator: 'MaxPool', inputs: [x], attributes: { kernel_shape: [5, 5] } },
      'GG_MODEL_FORMAT',
      /does not fit/,
    ],
    [
      'results too large',
      { operator: 'Expand', inputs: [x, integers(2 ** 20, 2 ** 20, 1, 1, 1, 1)] },
      'GG_MODEL_UNSUPPORTED',
      /too large/,
    ],
    [
      'too many axes',
      { operator: 'Expand', inputs: [x, integers(...new Array<number>(100).fill(1))] },
      'GG_MODEL_UNSUPPORTED',
      /axes/,
    ],
    [
      'endless work',
      {
        operator: 'MaxPool',
        inputs: [floatTensor([1, 1, 900, 900], new Float64Array(810000))],
        attributes: { kernel_shape: [899, 899], pads: [448, 448, 448, 448] },
      },
      'GG_MODEL_UNSUPPORTED',
      /too many operations/,
    ],
    [
      'integers beyond 2^53',
      { operator: 'Mul', inputs: [integers(2 ** 40), integers(2 ** 40)] },
      'GG_MODEL_UNSUPPORTED',
      /not exact/,
    ],
    [
      'casts that cannot hold the number',
      { operator: 'Cast', inputs: [floatTensor([1], [300])], attributes: { to: uint8 }, outputs: [uint8] },
      'GG_MODEL_UNSUPPORTED',
      /casts 300/,
    ],
    [
      'operator sets it does not know',
      { operator: 'Relu', inputs: [x], opset: 99 },
      'GG_MODEL_UNSUPPORTED',
      /operator set 99/,
    ],
    [
      'minifloats',
      { operator: 'FloatQuant', domain: 'qonnx.custom_op.general', inputs: [x] },
      'GG_MODEL_UNSUPPORTED',
      /minifloats/,
    ],
  ]
  it.each(cases)('%s', (_, node, code, message) => {
    const started = performance.now()
    const error = errorOf(() => evaluateNode(node))
    expect(error?.code).toBe(code)
    expect(error?.message).toMatch(message)
    expect(error?.message).toContain("node 'node'")
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('many results that are too large together', () => {
    const model = singleNodeModel({
      operator: 'Expand',
      inputs: [x, integers(2 ** 18, 2, 4, 4)],
      constants: [1],
    })
    const [node] = model.graph.nodes
    const nodes = Array.from({ length: 40 }, (_, i) => ({ ...node!, outputs: [`r${i}`] }))
    const many = { ...model, graph: { ...model.graph, nodes, outputs: [{ name: 'r39', type: float }] } }
    expect(errorOf(() => evaluateModel(many, new Map([['i0', x]])))?.message).toMatch(/too large to hold/)
  })

  it('inputs that do not fit what the network declares', () => {
    const model = singleNodeModel({ operator: 'Relu', inputs: [x] })
    const codes = [
      new Map<string, Tensor>(),
      new Map([['i0', floatTensor([2], [1, 2])]]),
      new Map([['i0', { ...x, type: uint8 }]]),
      new Map([['i0', { ...x, data: new Float64Array(3) }]]),
    ].map((feeds) => errorOf(() => evaluateModel(model, feeds))?.code)
    expect(codes).toEqual(new Array(4).fill('GG_FILE_SHAPE'))
  })

  it('graphs that read what nothing makes, make a value twice, or lack an output', () => {
    const model = singleNodeModel({ operator: 'Relu', inputs: [x] })
    const change = (graph: Partial<OnnxModel['graph']>): OnnxModel => ({
      ...model,
      graph: { ...model.graph, ...graph },
    })
    const [node] = model.graph.nodes
    for (const broken of [
      change({ nodes: [{ ...node!, inputs: ['nowhere'] }] }),
      change({ nodes: [node!, node!] }),
      change({ nodes: [] }),
      { ...model, opsets: new Map<string, number>() },
    ])
      expect(errorOf(() => evaluateModel(broken, new Map([['i0', x]])))?.code).toBe('GG_MODEL_FORMAT')
  })
})

describe('constants', () => {
  const stored = (type: number, dims: number[], raw?: number[], values?: number[]) => ({
    name: 'c',
    type,
    dims,
    ...(raw === undefined ? {} : { raw: Uint8Array.from(raw) }),
    ...(values === undefined ? {} : { values }),
  })
  it('of 2 and 4 bits and of half precision decode, packed and listed', () => {
    const { int4, uint4, int2, uint2, float16, bfloat16, bool } = onnxTypes
    const raw = [0x1f, 0x08]
    expect([...tensorValues(stored(int4, [3], raw))]).toEqual([-1, 1, -8])
    expect([...tensorValues(stored(uint4, [3], raw))]).toEqual([15, 1, 8])
    expect([...tensorValues(stored(int4, [3], undefined, raw))]).toEqual([-1, 1, -8])
    expect([...tensorValues(stored(int2, [5], [0b11100100, 0b10]))]).toEqual([0, 1, -2, -1, -2])
    expect([...tensorValues(stored(uint2, [5], undefined, [0b11100100, 0b10]))]).toEqual([0, 1, 2, 3, 2])
    expect([...tensorValues(stored(float16, [3], [0x00, 0x3c, 0x01, 0x00, 0xff, 0xfb]))]).toEqual([
      1,
      2 ** -24,
      -65504,
    ])
    expect([...tensorValues(stored(float16, [1], undefined, [0xc000]))]).toEqual([-2])
    expect([...tensorValues(stored(bfloat16, [1], [0x80, 0x3f]))]).toEqual([1])
    expect([...tensorValues(stored(bool, [2], [0, 1]))]).toEqual([0, 1])
  })
  it('of 64 bits are below 2^53, or mean the end', () => {
    const bytes = (value: bigint): number[] => [...new Uint8Array(BigInt64Array.of(value).buffer)]
    expect([...tensorValues(stored(int64, [1], bytes(-(2n ** 53n) + 1n)))]).toEqual([-(2 ** 53) + 1])
    expect([...tensorValues(stored(int64, [1], bytes(2n ** 63n - 1n)))]).toEqual([2 ** 63])
    expect(errorOf(() => tensorValues(stored(int64, [1], bytes(2n ** 60n))))?.code).toBe(
      'GG_MODEL_UNSUPPORTED',
    )
  })
  it('whose shape and data disagree, or of unknown types, are refused', () => {
    const code = (...tensor: Parameters<typeof stored>) =>
      errorOf(() => tensorValues(stored(...tensor)))?.code
    expect(code(onnxTypes.int4, [3], [1])).toBe('GG_MODEL_FORMAT')
    expect(code(onnxTypes.int4, [2], [1, 2])).toBe('GG_MODEL_FORMAT')
    expect(code(float, [2 ** 30, 2 ** 30, 2 ** 30], [0, 0, 0, 0])).toBe('GG_MODEL_FORMAT')
    expect(code(float, [1])).toBe('GG_MODEL_FORMAT')
    for (const type of [onnxTypes.float8e4m3fn, onnxTypes.float4e2m1, onnxTypes.string, 99])
      expect(code(type, [1], [0])).toBe('GG_MODEL_UNSUPPORTED')
  })
  it('too large to hold are refused before they are decoded', () => {
    const model = singleNodeModel({ operator: 'Relu', inputs: [floatTensor([1], [1])] })
    // 2^27 elements of 2 bits: 32 MB.
    const huge = { name: 'huge', type: onnxTypes.int2, dims: [2 ** 27], raw: new Uint8Array(2 ** 25) }
    const large = { ...model, graph: { ...model.graph, initializers: [huge] } }
    expect(errorOf(() => inferShapes(large))?.code).toBe('GG_MODEL_UNSUPPORTED')
    expect(errorOf(() => foldConstants(large))?.code).toBe('GG_MODEL_UNSUPPORTED')
  })
})

describe('attributes', () => {
  it('of strings and graphs survive reading and writing', () => {
    const model = singleNodeModel({ operator: 'Relu', inputs: [floatTensor([1], [1])] })
    const attributes = [
      { name: 'modes', kind: 'strings', value: ['BRANCH_LEQ', 'LEAF'] },
      { name: 'body', kind: 'graph', value: Uint8Array.of(0x12, 1, 0x61) },
    ] as const
    const node = { ...model.graph.nodes[0]!, attributes }
    const again = readOnnx(writeOnnx({ ...model, graph: { ...model.graph, nodes: [node] } }))
    expect(again.graph.nodes[0]!.attributes).toEqual(attributes)
    expect(errorOf(() => evaluateModel(again, new Map([['i0', floatTensor([1], [1])]])))?.message).toMatch(
      /attribute 'modes'/,
    )
  })
})

const folder = join(sharedModels, 'onnx_node_tests')
const present = existsSync(folder)
describe.skipIf(!present)(`damaged files${present ? '' : ' (SKIPPED: ../shared/models is absent)'}`, () => {
  it('end in a typed error or a result, never in another exception or a hang', () => {
    const random = new Random(17)
    const files = readdirSync(folder).map((name) => join(folder, name, 'model.onnx'))
    const models = join(sharedModels, 'hls4ml_example_models')
    for (const name of readdirSync(models)) if (!name.includes('bn_pytorch')) files.push(join(models, name))
    const seen = new Map<string, number>()
    for (const file of files) {
      const bytes = readFileSync(file)
      for (let run = 0; run < 10; run++) {
        const damaged = Uint8Array.from(bytes)
        for (let edits = 1 + random.integer(4); edits > 0; edits--)
          damaged[random.integer(Math.min(damaged.length, 600))] = random.integer(256)
        const error = errorOf(() => {
          const model = readOnnx(damaged)
          inferShapes(model)
          foldConstants(model, { inputDims: new Map(), fold: () => true })
        })
        seen.set(error?.code ?? 'none', (seen.get(error?.code ?? 'none') ?? 0) + 1)
      }
    }
    for (const outcome of ['GG_MODEL_FORMAT', 'GG_MODEL_UNSUPPORTED', 'none'])
      expect(seen.get(outcome)).toBeGreaterThan(20)
    for (const code of seen.keys())
      expect(code).toMatch(/^(none|GG_MODEL_(FORMAT|UNSUPPORTED)|GG_FILE_SHAPE)$/)
  })
})
