import { GemgateError } from '../../core/errors.ts'
import { hull } from '../graph/ranges.ts'
import { elementAt } from '../hardware/stream-packing.ts'
import type { FoldedPlan } from './folded-plan.ts'
import type { FoldedSegment } from './folded-segment.ts'
import { signedBits, stageFunctions } from './function-stage.ts'
import { packWord } from './memory.ts'

/**
 * The words of every memory of a plan for the numbers of a segment of the same shape.
 * @throws GemgateError GG_MODEL_UNSUPPORTED when a number does not fit
 */
export function memoryContents(plan: FoldedPlan, segment: FoldedSegment): bigint[][] {
  checkSums(plan, segment)
  const stages = plan.stages.flatMap((stage, k) =>
    stage.words(stageFunctions(segment.maps[k]!, plan.outputs, plan.reloadable)),
  )
  return [weightWords(plan, segment), biasWords(plan, segment), ...stages]
}

function weightWords(plan: FoldedPlan, segment: FoldedSegment): bigint[] {
  const { tile, input, outputs, shape } = plan
  const memory = plan.memories[0]!.shape
  const inputs = segment.weights.length / outputs
  const words: bigint[] = []
  for (let beat = 0; beat < input.beats; beat++)
    for (let slice = 0; slice < tile.slices; slice++)
      for (let group = 0; group < tile.groups; group++) {
        const fields: number[] = []
        for (let o = 0; o < tile.outputs; o++)
          for (let i = 0; i < tile.inputs; i++) {
            const lane = slice * tile.inputs + i
            const output = group * tile.outputs + o
            const element = lane < input.lanes ? elementAt(input, shape, beat, lane) : inputs
            fields.push(
              element < inputs && output < outputs ? segment.weights[output * inputs + element]! : 0,
            )
          }
        words.push(packWord(memory, fields))
      }
  return words
}

function biasWords(plan: FoldedPlan, segment: FoldedSegment): bigint[] {
  const { tile, outputs, sumBits } = plan
  const wrap = (bias: number): number => Number(BigInt.asIntN(sumBits, BigInt(bias)))
  return Array.from({ length: tile.groups }, (_, group) =>
    packWord(
      plan.memories[1]!.shape,
      Array.from({ length: tile.outputs }, (_, o) => {
        const output = group * tile.outputs + o
        // Sums are exact modulo 2^sumBits: a bias beyond that may wrap, the sums do not.
        return output < outputs ? wrap(segment.bias[output]!) : 0
      }),
    ),
  )
}

function checkSums(plan: FoldedPlan, segment: FoldedSegment): void {
  const sums = signedBits(hull(segment.dense.ranges))
  if (sums <= plan.sumBits) return
  throw new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `the sums of '${segment.dense.name}' need ${sums} bits, the module has ${plan.sumBits}`,
    'Build the module for weights of this size.',
  )
}
