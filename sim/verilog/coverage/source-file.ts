import {
  type Arm,
  type Block,
  type Branch,
  conditionalArms,
  type SourceStructure,
  type Statement,
  sourceStructure,
} from './source-structure.ts'
import { contains, type Position, positionKey, type Range } from './tokens.ts'

/**
 * A source file as it was written, found by places in the text that Yosys read: assertions are put into another form
 * for it, line by line.
 */
export class SourceFile {
  readonly name: string
  readonly statements: readonly Statement[]
  readonly #read: SourceStructure
  readonly #sameLines: readonly boolean[]
  readonly #branchAt = new Map<string, Branch>()
  readonly #armAt = new Map<string, { readonly branch: Branch; readonly arm: Arm }>()
  readonly #arms = new Map<Arm, Arm>()
  readonly #blocks = new Map<Block, Block>()

  constructor(name: string, written: string, read: string) {
    const structure = sourceStructure(written)
    this.name = name
    this.statements = structure.statements
    this.#read = written === read ? structure : sourceStructure(read)
    const lines = written.split('\n')
    this.#sameLines = read.split('\n').map((line, i) => line === lines[i])
    const branches = queues(structure.branches, (branch) => headOf(branch, structure))
    for (const branch of this.#read.branches) {
      const twin = branches.get(headOf(branch, this.#read))?.shift()
      if (!twin) continue
      this.#branchAt.set(positionKey(branch.range.start), twin)
      branch.arms.forEach((arm, i) => {
        this.#arms.set(arm, twin.arms[i]!)
        if (arm.mark) this.#armAt.set(positionKey(arm.mark), { branch: twin, arm: twin.arms[i]! })
      })
    }
    const line = ({ range }: Block) => `${range.start.line}`
    const blocks = queues(structure.blocks, line)
    for (const block of this.#read.blocks) {
      const twin = blocks.get(line(block))?.shift()
      if (twin) this.#blocks.set(block, twin)
    }
  }

  branchAt(place: Position): Branch | undefined {
    return this.#branchAt.get(positionKey(place))
  }

  /** The arm whose condition, or whose word `else`, is at a place. */
  armAt(place: Position): { readonly branch: Branch; readonly arm: Arm } | undefined {
    return this.#armAt.get(positionKey(place))
  }

  blockAround(place: Position): Block | undefined {
    const block = this.#read.blocks.find(({ range }) => contains(range, place))
    return block && this.#blocks.get(block)
  }

  /** The innermost arm around a place. */
  armAround(place: Position): Arm | undefined {
    let found: Arm | undefined
    for (const { arms } of this.#read.branches)
      for (const arm of arms)
        if (arm.body && contains(arm.body, place) && (!found?.body || contains(found.body, arm.body.start)))
          found = arm
    return found && this.#arms.get(found)
  }

  /** The values of the conditional expression that fills a range, where the text is as it was written. */
  conditional(range: Range): [Range, Range] | undefined {
    for (let line = range.start.line; line <= range.end.line; line++)
      if (!this.#sameLines[line - 1]) return undefined
    return conditionalArms(this.#read.tokens, range)
  }
}

/** The line of a branch and the words before its first arm. */
function headOf({ kind, range, arms }: Branch, { tokens }: SourceStructure): string {
  const head: Range = { start: range.start, end: arms[0]?.body?.start ?? range.end }
  const words = tokens.filter(({ start }) => contains(head, start)).map(({ text }) => text)
  return [range.start.line, kind, ...words].join(' ')
}

function queues<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const result = new Map<string, T[]>()
  for (const item of items) result.set(key(item), [...(result.get(key(item)) ?? []), item])
  return result
}
