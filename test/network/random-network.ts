import { Random } from '../../src/core/random.ts'
import type { CarrierType, DenseSpec, DenseSpecLayer, MatrixForm } from '../../src/network/index.ts'

const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!

export const carrierRanges: Record<CarrierType, readonly [number, number]> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
}

/** A random dense network whose layers use their output range (neither all zero nor all saturated). */
export function randomSpec(seed: number): DenseSpec {
  const random = new Random(seed)
  const form = pick<MatrixForm>(random, ['gemm', 'gemm-transposed', 'matmul'])
  const depth = 1 + random.integer(4)
  const inputType = pick<CarrierType>(random, ['int8', 'int8', 'uint8'])
  const inputExponent = -random.integer(9)
  const layers: DenseSpecLayer[] = []
  let inputs = 1 + random.integer(20)
  let exponent = inputExponent
  for (let l = 0; l < depth; l++) {
    const last = l === depth - 1
    const outputs = 1 + random.integer(16)
    const span = pick(random, [1, 7, 127])
    const weights = Int8Array.from({ length: inputs * outputs }, () => random.integer(2 * span + 1) - span)
    const bias = Int32Array.from({ length: outputs }, () => random.integer(4001) - 2000)
    let weightExponent = -random.integer(12)
    // The scale of a typical accumulator, so that shifts from 0 to about 10 (and a few negative) occur.
    const typical = Math.log2(Math.sqrt(inputs) * span * 60 + 1)
    const outputType = pick<CarrierType>(
      random,
      last ? ['int16', 'int8', 'uint8', 'uint16'] : ['int8', 'uint8'],
    )
    const bits = outputType.endsWith('16') ? 14 : 6
    const shift = Math.round(typical - bits) + random.integer(3) - 1
    // Scales add up over the layers; keep them where float32 is exact.
    weightExponent = Math.max(weightExponent, -24 - exponent - shift)
    const outputExponent = exponent + weightExponent + shift
    const relu = random.integer(2) === 1
    const clip = random.integer(3) === 0 ? { clip: [-random.integer(40), random.integer(60)] as const } : {}
    layers.push({ inputs, outputs, weights, bias, weightExponent, outputExponent, outputType, relu, ...clip })
    inputs = outputs
    exponent = outputExponent
  }
  return { name: `random-${seed}`, inputType, inputExponent, layers, form }
}

/** Random inputs, then rows of all-smallest and all-largest values: `[rows][inputs]`. */
export function randomInputs(spec: DenseSpec, rows: number, seed: number): Int8Array | Uint8Array {
  const random = new Random(seed)
  const inputs = spec.layers[0]!.inputs
  const [low, high] = carrierRanges[spec.inputType]
  const x = spec.inputType === 'int8' ? new Int8Array(rows * inputs) : new Uint8Array(rows * inputs)
  for (let i = 0; i < x.length; i++) x[i] = low + random.integer(high - low + 1)
  x.fill(low, 0, inputs)
  x.fill(high, inputs, 2 * inputs)
  return x
}

/** CYGNO's shape, 9 -> 10 -> 7 -> 3, with random weights. */
export function recoilSpec(seed: number): DenseSpec {
  const random = new Random(seed)
  const sizes = [9, 10, 7, 3]
  const layers = sizes.slice(1).map((outputs, l): DenseSpecLayer => {
    const inputs = sizes[l]!
    const last = l === 2
    return {
      inputs,
      outputs,
      weights: Int8Array.from({ length: inputs * outputs }, () => random.integer(255) - 127),
      bias: Int32Array.from({ length: outputs }, () => random.integer(8001) - 4000),
      weightExponent: -7,
      outputExponent: last ? -10 : -4,
      outputType: last ? 'int16' : 'int8',
      relu: !last,
    }
  })
  return { name: 'recoil', inputType: 'int8', inputExponent: -5, layers }
}
