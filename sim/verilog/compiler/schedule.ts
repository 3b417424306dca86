import { type Block, type Item, readersIn } from './block.ts'
import { convert, Evaluator, nonzero } from './evaluate.ts'
import { constant, type Expression, load, local, select, typeOf } from './expression.ts'
import type { Graph } from './graph.ts'
import { Placement } from './placement.ts'
import { Locals, type Statement } from './statement.ts'
import type { Condition, Tree } from './tree.ts'

export interface Program {
  readonly statements: Statement[]
  readonly locals: Locals
}

/** One clock edge as a statement tree. Stores may still come before reads of the old value. */
export function scheduleStep(graph: Graph, root: Block): Program {
  return new StepScheduler(graph, root).run()
}

class StepScheduler {
  readonly #root: Block
  readonly #locals = new Locals()
  readonly #evaluator: Evaluator
  readonly #lists = new Map<Block, Statement[]>()

  constructor(graph: Graph, root: Block) {
    this.#root = root
    const placement = new Placement(graph.netlist, graph.order, readersIn(root))
    this.#evaluator = new Evaluator(placement, (block, e) => this.#keep(block, e))
  }

  run(): Program {
    return { statements: this.#block(this.#root), locals: this.#locals }
  }

  #block(block: Block): Statement[] {
    const list: Statement[] = []
    this.#lists.set(block, list)
    for (const { item, branch } of block.units) {
      if (item) {
        list.push(this.#item(item, block))
        continue
      }
      const condition = this.#condition(branch.condition, block)
      const body = this.#block(branch.one)
      const otherwise = this.#block(branch.zero)
      list.push({ kind: 'if', condition, body, otherwise })
    }
    return list
  }

  /** Keeps a value for a block and the blocks inside, which are appended later and so see it. */
  #keep(block: Block, e: Expression): Expression {
    const index = this.#locals.add(e.type)
    this.#lists.get(block)!.push({ kind: 'set', local: index, value: e })
    return local(index, e.type)
  }

  #item({ sink, tree }: Item, block: Block): Statement {
    if (sink.kind === 'register') {
      const { address, width } = sink.register.node
      const value = this.#tree(tree, block, () => load(address, typeOf(width)))
      return { kind: 'store', address, value: convert(value, typeOf(width), false) }
    }
    const enable = this.#tree(tree, block, () => constant(0n, 32))
    const index = convert(this.#evaluator.clean(sink.index, block), 32, false)
    const parts = sink.parts.map(({ data, mask }) => ({
      data: this.#evaluator.clean(data, block),
      mask: mask && this.#evaluator.clean(mask, block),
    }))
    return { kind: 'write', memory: sink.write.memory, port: sink.port, enable, index, parts }
  }

  #tree(tree: Tree, block: Block, hold: () => Expression): Expression {
    if (tree === undefined) return hold()
    if (tree.kind === 'leaf') return this.#evaluator.clean(tree.slices, block)
    const condition = this.#condition(tree.condition, block)
    return select(condition, this.#tree(tree.one, block, hold), this.#tree(tree.zero, block, hold))
  }

  #condition({ slices }: Condition, block: Block): Expression {
    return nonzero(this.#evaluator.clean(slices, block))
  }
}
