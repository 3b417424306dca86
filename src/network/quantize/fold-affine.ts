import { countElements } from '../reference/index.ts'
import {
  consumersOf,
  type FloatNetwork,
  type FloatStep,
  inputOf,
  type LinearStep,
  outputsOf,
  type StepKind,
} from './float-step.ts'
import { stepError } from './step-error.ts'

type Affine = Extract<StepKind, { kind: 'affine' }>
/** Shapes of values at batch size 1; grows while steps change places. */
type Shapes = Map<string, readonly number[]>

const at = (numbers: Float64Array, channel: number): number => numbers[numbers.length === 1 ? 0 : channel]!

/**
 * The same network without affine steps: each is folded into the matrix or convolution before it, else
 * into the one behind it, else it becomes a convolution or matrix of its own. Batch normalization around
 * which an exporter has put reshapes is moved out of them first.
 */
export function foldAffine(network: FloatNetwork): FloatNetwork {
  let steps = network.steps
  const shapes = new Map(network.shapes)
  const outputs = new Set(network.outputs.map((output) => output.name))
  for (;;) {
    const changed =
      swapWithReshape(steps, outputs, shapes) ??
      mergeReshapes(steps, outputs, shapes) ??
      foldBackward(steps, outputs) ??
      foldForward(steps, outputs, shapes)
    if (changed === undefined) break
    steps = changed
  }
  return { ...network, shapes, steps: steps.map((step) => standAlone(step, shapes)) }
}

/** The only consumer of a value that is not an output. */
function follower(
  steps: readonly FloatStep[],
  outputs: ReadonlySet<string>,
  value: string,
): FloatStep | undefined {
  if (outputs.has(value)) return undefined
  const consumers = consumersOf(steps).get(value) ?? []
  return consumers.length === 1 && consumers[0]!.inputs.length === 1 ? consumers[0] : undefined
}

/** `[1, C] -> [1, C, 1] -> affine` becomes `affine -> [1, C, 1]`. */
function swapWithReshape(
  steps: readonly FloatStep[],
  outputs: ReadonlySet<string>,
  shapes: Shapes,
): FloatStep[] | undefined {
  for (const reshape of steps) {
    if (reshape.what.kind !== 'reshape') continue
    const next = follower(steps, outputs, reshape.output)
    if (next?.what.kind !== 'affine') continue
    const [before, after] = [shapes.get(reshape.inputs[0]!)!, shapes.get(reshape.output)!]
    const single = next.what.scales.length === 1 && next.what.offsets.length === 1
    const same =
      before[1] === after[1] && countElements(before) === before[1] && after.slice(2).every((n) => n === 1)
    if (!single && !same) continue
    const moved = `${reshape.output}.${next.name}`
    shapes.set(moved, before)
    return steps.flatMap((step) => {
      if (step === reshape) return [{ ...next, inputs: reshape.inputs, output: moved }]
      return step === next ? [{ ...reshape, inputs: [moved], output: next.output }] : [step]
    })
  }
  return undefined
}

/** A reshape of a reshape is one; one to the same shape is none. */
function mergeReshapes(
  steps: readonly FloatStep[],
  outputs: ReadonlySet<string>,
  shapes: Shapes,
): FloatStep[] | undefined {
  for (const step of steps) {
    if (step.what.kind !== 'reshape') continue
    const [source, output] = [step.inputs[0]!, step.output]
    if (!outputs.has(output) && shapes.get(source)!.join() === shapes.get(output)!.join())
      return steps
        .filter((other) => other !== step)
        .map((other) => ({
          ...other,
          inputs: other.inputs.map((name) => (name === output ? source : name)),
        }))
    const next = follower(steps, outputs, output)
    if (next?.what.kind === 'reshape')
      return steps.flatMap((other) => {
        if (other === step) return []
        return other === next ? [{ ...next, inputs: step.inputs }] : [other]
      })
  }
  return undefined
}

/** `affine(linear(x))` is linear. */
function foldBackward(steps: readonly FloatStep[], outputs: ReadonlySet<string>): FloatStep[] | undefined {
  for (const step of steps) {
    if (step.what.kind !== 'linear') continue
    const next = follower(steps, outputs, step.output)
    if (next?.what.kind !== 'affine') continue
    const merged = { ...step, output: next.output, what: scaledOutputs(step.what, next.what) }
    return steps.flatMap((other) => {
      if (other === step) return []
      return other === next ? [merged] : [other]
    })
  }
  return undefined
}

function scaledOutputs(linear: LinearStep, { scales, offsets }: Affine): LinearStep {
  const size = linear.weights.length / outputsOf(linear)
  return {
    ...linear,
    weights: linear.weights.map((w, i) => w * at(scales, Math.floor(i / size))),
    bias: linear.bias.map((b, c) => b * at(scales, c) + at(offsets, c)),
  }
}

/** `linear(affine(x))` is linear, also through a reshape when all channels are treated alike. */
function foldForward(
  steps: readonly FloatStep[],
  outputs: ReadonlySet<string>,
  shapes: Shapes,
): FloatStep[] | undefined {
  for (const step of steps) {
    if (step.what.kind !== 'affine') continue
    const alike = step.what.scales.length === 1 && step.what.offsets.length === 1
    let next = follower(steps, outputs, step.output)
    while (alike && next?.what.kind === 'reshape') next = follower(steps, outputs, next.output)
    if (next?.what.kind !== 'linear' || !canTakeInputs(next.what, step.what)) continue
    const merged = scaledInputs(next.what, step.what, shapes.get(next.inputs[0]!)![1]!)
    return steps
      .filter((other) => other !== step)
      .map((other) => {
        const inputs = other.inputs.map((name) => (name === step.output ? step.inputs[0]! : name))
        return other === next ? { ...other, inputs, what: merged } : { ...other, inputs }
      })
  }
  return undefined
}

/** Padding adds zeros behind the affine step; with an offset these would have to be other numbers. */
function canTakeInputs(linear: LinearStep, { offsets }: Affine): boolean {
  if (linear.form === 'gemm' || offsets.every((x) => x === 0)) return true
  return linear.attributes.every((attribute) => {
    if (attribute.name === 'pads') return attribute.kind === 'ints' && attribute.value.every((x) => x === 0)
    if (attribute.name !== 'auto_pad') return true
    return attribute.kind === 'string' && !attribute.value.startsWith('SAME')
  })
}

function scaledInputs(linear: LinearStep, { scales, offsets }: Affine, channels: number): LinearStep {
  const size = linear.weights.length / outputsOf(linear)
  const bias = linear.bias.slice()
  const weights = linear.weights.map((w, i) => {
    const channel = inputOf(linear, channels, i)
    bias[Math.floor(i / size)]! += w * at(offsets, channel)
    return w * at(scales, channel)
  })
  return { ...linear, weights, bias }
}

/** Larger diagonal matrices would only waste memory. */
const largestDiagonal = 4096

/** An affine step between others as a matrix or a convolution that leaves the channels apart. */
function standAlone(step: FloatStep, shapes: Shapes): FloatStep {
  if (step.what.kind !== 'affine') return step
  const { scales, offsets } = step.what
  const dims = shapes.get(step.inputs[0]!)!
  const channels = dims[1] ?? 1
  if (dims.length < 2 || dims.length > 4 || (dims.length === 2 && channels > largestDiagonal))
    throw stepError(
      step,
      `a scale on shape [${dims.join(', ')}] with no matrix or convolution beside it`,
      'GG_MODEL_UNSUPPORTED',
      'Fold it into a layer before export.',
    )
  const bias = Float64Array.from({ length: channels }, (_, c) => at(offsets, c))
  if (dims.length > 2) {
    const weights = Float64Array.from({ length: channels }, (_, c) => at(scales, c))
    const kernel = [channels, 1, ...dims.slice(2).map(() => 1)]
    const attributes = [{ name: 'group', kind: 'int', value: channels }] as const
    return { ...step, what: { kind: 'linear', form: 'conv', dims: kernel, weights, bias, attributes } }
  }
  const weights = new Float64Array(channels * channels)
  for (let c = 0; c < channels; c++) weights[c * channels + c] = at(scales, c)
  const square = [channels, channels]
  return { ...step, what: { kind: 'linear', form: 'gemm', dims: square, weights, bias, attributes: [] } }
}
