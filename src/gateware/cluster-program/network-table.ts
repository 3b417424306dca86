import { GemgateError } from '../../core/errors.ts'
import type { ScalarFunction } from '../../network/graph/scalar-function.ts'
import type { IntegerGraph, Operation } from '../../network/index.ts'
import { featureCount } from '../../trigger/features.ts'
import { layerWords } from './memory.ts'

type Dense = Extract<Operation, { kind: 'dense' }>

/**
 * The words that the program reads: for each layer outputs, pairs of inputs, address of its outputs, bits to round off,
 * least (2 words) and highest output, then for each output its bias (2 words) and its weights + 128, two to a word; 0 ends it.
 * @param graph nine int8 to three int16: dense layers of int8 weights, each followed by one rounding at most
 * @throws GemgateError GG_MODEL_UNSUPPORTED for anything else, or if the outputs of all layers are more than 24
 */
export function networkTable(graph: IntegerGraph): number[] {
  const { values, outputs } = graph
  const words: number[] = []
  let target = 0
  let inputs = featureCount
  let id = 1
  while (id < values.length) {
    const dense = values[id]!.operation
    if (dense.kind !== 'dense' || dense.source !== id - 1) throw refusal('has a layer that is not dense')
    const next = values[id + 1]?.operation
    const functions = next?.kind === 'map' && next.source === id ? next.functions : undefined
    id += functions === undefined ? 1 : 2
    words.push(...layer(dense, inputs, target, readRounding(functions, id === values.length)))
    inputs = dense.bias.length
    target += inputs
  }
  if (inputs !== 3 || target > layerWords || outputs[0]?.value !== id - 1)
    throw refusal(`has ${target} outputs in all layers, ${inputs} of them in the last`)
  return [...words, 0]
}

interface Rounding {
  readonly shift: number
  readonly min: number
  readonly max: number
}

function layer({ weights, bias }: Dense, inputs: number, target: number, rounding: Rounding): number[] {
  const { shift, min, max } = rounding
  if (weights.length !== inputs * bias.length) throw refusal(`has a layer of other than ${inputs} inputs`)
  const pairs = Math.ceil(inputs / 2)
  const words = [bias.length, pairs, target, shift, min, min < 0 ? -1 : 0, max]
  const weight = (output: number, input: number): number => {
    const w = input < inputs ? weights[output * inputs + input]! : 0
    if (w < -128 || w > 127) throw refusal(`has the weight ${w}`)
    return w + 128
  }
  for (let j = 0; j < bias.length; j++) {
    const total = bias[j]! + (shift > 0 ? 2 ** (shift - 1) : 0)
    if (Math.abs(total) > 2 ** 30) throw refusal(`has the bias ${bias[j]}`)
    words.push(total, total >> 16)
    for (let i = 0; i < pairs; i++) words.push(weight(j, 2 * i + 1) | (weight(j, 2 * i) << 8))
  }
  return words
}

/** Outputs of hidden layers must keep products with int8 weights within 16 bits. */
function readRounding(functions: readonly ScalarFunction[] | undefined, last: boolean): Rounding {
  if (functions === undefined && last) return { shift: 0, min: -32768, max: 32767 }
  const [least, most] = last ? [-32768, 32767] : [-128, 255]
  const first = functions?.[0]
  if (
    first?.kind !== 'round' ||
    first.rounding !== 'half-even' ||
    first.shift < 0 ||
    first.shift > 31 ||
    first.min < least ||
    first.max > most ||
    first.max < 0 ||
    !functions!.every((f) => JSON.stringify(f) === JSON.stringify(first))
  )
    throw refusal('has a layer that does not end with one rounding to the even neighbour')
  return first
}

function refusal(what: string): GemgateError {
  return new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `the network ${what}; the logic of small boards cannot compute it`,
    'Train a network of dense layers with int8 weights and power-of-two scales, as models/train-recoil-mlp.ts does.',
  )
}
