import type { Expression, WordType } from './expression.ts'
import type { Memory } from './netlist.ts'

/** Statements of the generated code. */
export type Statement =
  | { kind: 'set'; local: number; value: Expression }
  | { kind: 'store'; address: number; value: Expression }
  | { kind: 'if'; condition: Expression; body: Statement[]; otherwise: Statement[] }
  | { kind: 'storeAt'; base: number; offset: Expression; bytes: 1 | 2 | 4 | 8 | 16; value: Expression }
  /** Calls a function of the module, or an imported one, by name. */
  | { kind: 'call'; function: string; argument?: Expression }
  /** Runs the body, and again while the condition holds. */
  | { kind: 'repeat'; body: Statement[]; condition: Expression }
  | MemoryStatement

/** One write port: `if (enable) memory[index] = data`, merged under the masks. */
export interface MemoryStatement {
  kind: 'write'
  memory: Memory
  /** Port number: of two writes to one word the later port wins. */
  port: number
  enable: Expression
  index: Expression
  parts: { data: Expression; mask: Expression | undefined }[]
}

/** The locals of one function. */
export class Locals {
  readonly types: WordType[] = []

  add(type: WordType): number {
    this.types.push(type)
    return this.types.length - 1
  }
}

export function expressionsOf(statement: Statement): Expression[] {
  switch (statement.kind) {
    case 'set':
    case 'store':
      return [statement.value]
    case 'storeAt':
      return [statement.offset, statement.value]
    case 'if':
    case 'repeat':
      return [statement.condition]
    case 'call':
      return statement.argument ? [statement.argument] : []
    case 'write':
      return [
        statement.enable,
        statement.index,
        ...statement.parts.flatMap(({ data, mask }) => (mask ? [data, mask] : [data])),
      ]
  }
}
