import { elementCount, type GraphBuilder, rangeBits, type ValueId } from '../graph/index.ts'
import type { ImportedForest } from './import-forest.ts'

export interface ForestValues {
  /** `[targets]`, in units of 2^exponent. */
  readonly scores: ValueId
  /** `[1]`: the integer label, or the index of a string label; undefined for a regressor. */
  readonly label: ValueId | undefined
}

/**
 * Adds an imported ensemble to a graph: its trees, and for a classifier the scores and (with `wantLabel`)
 * the label as ONNX Runtime makes them from the sums.
 * @param source the features, in any shape
 */
export function addForest(
  builder: GraphBuilder,
  name: string,
  source: ValueId,
  imported: ImportedForest,
  wantLabel = imported.rule !== undefined && imported.rule.kind !== 'unlabelled',
): ForestValues {
  const { forest, rule, exponent } = imported
  const features = builder.value(source).shape
  const vector =
    features.length === 1
      ? source
      : builder.add(`${name}.features`, { kind: 'rearrange', source }, [elementCount(features)])
  const sums = builder.add(name, { kind: 'trees', source: vector, forest })
  let scores = sums
  if (rule?.kind === 'mirrored') {
    const bias = Float64Array.of(rule.offset / 2 ** exponent, 0)
    const weights = Int32Array.of(-1, 0, 1, 0)
    scores = builder.add(`${name}.scores`, { kind: 'dense', source: sums, weights, bias })
  }
  return { scores, label: wantLabel ? addLabel(builder, name, sums, imported) : undefined }
}

function addLabel(
  builder: GraphBuilder,
  name: string,
  sums: ValueId,
  imported: ImportedForest,
): ValueId | undefined {
  const { rule, exponent, labels, forest } = imported
  if (rule === undefined || rule.kind === 'unlabelled' || rule.kind === 'refused') return undefined
  const given: readonly (number | string)[] = labels ?? []
  const names = Float64Array.from(given, (label, k) => (typeof label === 'number' ? label : k))
  if (rule.kind === 'largest') {
    const index = builder.add(`${name}.class`, { kind: 'argmax', source: sums, axis: 0, last: false })
    if (names.every((label, k) => label === k)) return index
    return builder.add(`${name}.label`, {
      kind: 'map',
      source: index,
      functions: [{ kind: 'table', first: 0, outputs: names }],
    })
  }
  const used = rule.kind === 'mirrored' ? 0 : 1
  const score =
    forest.targets === 1
      ? sums
      : builder.add(`${name}.score`, { kind: 'rearrange', source: sums, indices: Int32Array.of(used) }, [1])
  // s * 2^exponent > threshold, for integers s
  const threshold = Math.floor(rule.threshold / 2 ** exponent) + 1
  return builder.add(`${name}.label`, {
    kind: 'map',
    source: score,
    functions: [{ kind: 'thresholds', thresholds: Float64Array.of(threshold), outputs: names }],
  })
}

/** Bits and sign of a port that carries this value. */
export function portFormat(builder: GraphBuilder, value: ValueId): { bits: number; signed: boolean } {
  const { ranges } = builder.value(value)
  return rangeBits({
    min: ranges.reduce((least, range) => Math.min(least, range.min), Number.POSITIVE_INFINITY),
    max: ranges.reduce((most, range) => Math.max(most, range.max), Number.NEGATIVE_INFINITY),
    step: 1,
  })
}
