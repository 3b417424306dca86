import { GemgateError } from '../../core/errors.ts'
import { digitCount } from '../adder-graph/digits.ts'
import { elementCount, rangeOf } from '../graph/integer-graph.ts'
import { rangeBits } from '../graph/ranges.ts'
import type { Layer } from './layers.ts'

export type Architecture = 'unrolled' | 'folded' | 'streaming'

/** What decides between architectures. */
export interface ArchitectureChoice {
  /** One architecture for every layer that can have it; 'auto' goes by cost. */
  readonly architecture?: Architecture | 'auto' | undefined
  /** By layer name, before everything else. */
  readonly layers?: Readonly<Record<string, Architecture>> | undefined
  /** Most LUTs that 'auto' spends on one unrolled layer, by estimate (default 20000). */
  readonly lutBudget?: number | undefined
}

/**
 * The architecture of each layer. A window over a picture streams; a matrix unrolls while its estimate
 * stays within the budget, else it is folded; everything else unrolls.
 * @throws GemgateError GG_MODEL_UNSUPPORTED when a layer has no implementation of practical size, GG_USAGE
 *   when `layers` asks for an architecture that a layer cannot have or names a layer that does not exist
 */
export function chooseArchitectures(layers: readonly Layer[], choice: ArchitectureChoice): Architecture[] {
  for (const name of Object.keys(choice.layers ?? {}))
    if (!layers.some((layer) => layer.name === name))
      throw new GemgateError(
        'GG_USAGE',
        `there is no layer '${name}'`,
        `The layers are ${layers.map((layer) => `'${layer.name}'`).join(', ')}.`,
      )
  const streams = layers.some(
    (layer) => possible(layer).includes('streaming') && wantsStreaming(layer, choice),
  )
  return layers.map((layer) => {
    const open = possible(layer)
    const asked = choice.layers?.[layer.name]
    if (asked !== undefined) {
      if (open.includes(asked)) return asked
      throw new GemgateError(
        'GG_USAGE',
        `layer '${layer.name}' (${layer.kind}) cannot be ${asked}`,
        `It can be ${open.join(' or ')}.`,
      )
    }
    const general = choice.architecture ?? 'auto'
    const small = unrolledLuts(layer) <= (choice.lutBudget ?? 20_000)
    if (general === 'unrolled' || open.length === 1) {
      if (!small && general === 'auto') throw tooLarge(layer)
      return open.includes(general as Architecture) ? (general as Architecture) : open[0]!
    }
    if (open.includes('streaming')) return wantsStreaming(layer, choice) ? 'streaming' : 'unrolled'
    if (general === 'folded') return 'folded'
    // Behind a stream of pixels a matrix collects them anyway, at the stream's pace.
    if (streams && readsPicture(layer)) return 'folded'
    return small ? 'unrolled' : 'folded'
  })
}

function possible(layer: Layer): readonly Architecture[] {
  if (layer.kind === 'dense') return ['unrolled', 'folded']
  if (layer.kind === 'conv' || layer.kind === 'pool' || isElementwise(layer)) return ['unrolled', 'streaming']
  return ['unrolled']
}

/** Functions of single elements: on a picture they work pixel by pixel. */
function isElementwise(layer: Layer): boolean {
  const maps = layer.values.every((id) => layer.graph.values[id]!.operation.kind === 'map')
  return layer.kind === 'other' && maps && readsPicture(layer)
}

function wantsStreaming(layer: Layer, choice: ArchitectureChoice): boolean {
  const asked = choice.layers?.[layer.name]
  if (asked !== undefined) return asked === 'streaming'
  if (choice.architecture === 'unrolled') return false
  if (choice.architecture === 'streaming' || choice.architecture === 'folded') return true
  return elementCount(layer.graph.values[layer.source]!.shape.slice(1)) > 1
}

function readsPicture(layer: Layer): boolean {
  const { shape } = layer.graph.values[layer.source]!
  return shape.length === 3 && shape[1]! * shape[2]! > 1
}

/** A rough LUT count of the unrolled form: sharing leaves about half of the signed digits' adders. */
function unrolledLuts(layer: Layer): number {
  let luts = 0
  for (const id of layer.values) {
    const { operation, shape } = layer.graph.values[id]!
    if (operation.kind === 'dense' || operation.kind === 'conv') {
      const source = layer.graph.values[operation.source]!
      const { bits } = rangeBits(rangeOf(source, 0))
      const positions = operation.kind === 'conv' ? shape[1]! * shape[2]! : 1
      let digits = 0
      for (const weight of operation.weights) digits += digitCount(weight)
      luts += positions * digits * 0.55 * (bits + 4)
    } else if (operation.kind === 'pool')
      luts += elementCount(shape) * operation.window.kernel[0] * operation.window.kernel[1] * 12
  }
  return Math.round(luts)
}

function tooLarge(layer: Layer): GemgateError {
  return new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `layer '${layer.name}' (${layer.kind}) can only be unrolled and would need about ${unrolledLuts(layer)} LUTs`,
    layer.kind === 'block'
      ? 'Branches around large layers are not streamed: use a chain of layers, or raise the LUT budget.'
      : 'Use a smaller layer, or raise the LUT budget.',
  )
}
