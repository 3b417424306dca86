import { consumersOf, type FloatNetwork, type FloatStep } from './float-step.ts'

/**
 * Where a network is rounded: the values behind which a quantizer stands, and which values share a grid
 * because only moves lie between them, or a concatenation joins them.
 */
export interface RoundingPoints {
  /** Graph inputs and results of computations, in order. */
  readonly points: readonly string[]
  /** The points and moved values by the name of their group. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** The group of every value that lies on a grid. */
  readonly groupOf: ReadonlyMap<string, string>
  /** Groups that only graph outputs read. */
  readonly finalGroups: ReadonlySet<string>
}

export function findRoundingPoints(network: FloatNetwork): RoundingPoints {
  const consumers = consumersOf(network.steps)
  const outputs = new Set(network.outputs.map((output) => output.name))
  const parent = new Map<string, string>()
  const root = (value: string): string => {
    let at = value
    while (parent.get(at) !== at) at = parent.get(at)!
    return at
  }
  const points = network.inputs.map((input) => input.name)
  for (const point of points) parent.set(point, point)
  for (const step of network.steps) {
    if (step.what.kind === 'argmax' || clampFollows(step, consumers, outputs)) continue
    if (keepsGrid(step)) {
      // The source of a clamp behind a computation is not on a grid itself.
      const [first, ...others] = step.inputs.filter((name) => parent.has(name))
      if (first !== undefined) {
        parent.set(step.output, root(first))
        for (const other of others) parent.set(root(other), root(first))
        continue
      }
    }
    parent.set(step.output, step.output)
    points.push(step.output)
  }
  const groups = new Map<string, string[]>()
  const groupOf = new Map<string, string>()
  for (const value of parent.keys()) {
    const group = root(value)
    groupOf.set(value, group)
    const members = groups.get(group)
    if (members === undefined) groups.set(group, [value])
    else members.push(value)
  }
  return { points, groups, groupOf, finalGroups: finalGroups(groups, consumers) }
}

/** Whether the results lie on the grid of the sources. */
function keepsGrid({ what }: FloatStep): boolean {
  switch (what.kind) {
    case 'move':
    case 'reshape':
    case 'concat':
      return true
    case 'clamp':
      return what.min === 0 && what.max === Number.POSITIVE_INFINITY
    default:
      return false
  }
}

/** A computation whose only reader is a clamp is rounded behind the clamp. */
function clampFollows(
  step: FloatStep,
  consumers: ReadonlyMap<string, readonly FloatStep[]>,
  outputs: ReadonlySet<string>,
): boolean {
  if (!['linear', 'add', 'average', 'function'].includes(step.what.kind)) return false
  const readers = consumers.get(step.output) ?? []
  return readers.length === 1 && readers[0]!.what.kind === 'clamp' && !outputs.has(step.output)
}

function finalGroups(
  groups: ReadonlyMap<string, readonly string[]>,
  consumers: ReadonlyMap<string, readonly FloatStep[]>,
): Set<string> {
  const final = new Set<string>()
  for (const [group, members] of groups) {
    const readers = members.flatMap((value) => consumers.get(value) ?? [])
    if (readers.every((step) => keepsGrid(step) || step.what.kind === 'argmax')) final.add(group)
  }
  return final
}

/**
 * The groups whose values are never negative, whatever the input.
 * @param inputs graph inputs that are taken as never negative
 */
export function nonNegativeGroups(
  network: FloatNetwork,
  { groups, groupOf, points }: RoundingPoints,
  inputs: ReadonlySet<string>,
): Set<string> {
  const makers = new Map(network.steps.map((step) => [step.output, step]))
  const holds = new Set(groups.keys())
  const positive = (value: string): boolean => holds.has(groupOf.get(value) ?? '')
  const made = (value: string): boolean => {
    const step = makers.get(value)
    if (step === undefined) return inputs.has(value)
    switch (step.what.kind) {
      case 'clamp':
        return step.what.min >= 0
      case 'function':
        return step.what.nonNegative
      case 'add':
      case 'average':
        return step.inputs.every(positive)
      default:
        return false
    }
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const point of points)
      if (positive(point) && !made(point)) {
        holds.delete(groupOf.get(point)!)
        changed = true
      }
  }
  return holds
}
