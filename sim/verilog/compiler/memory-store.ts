import { memoryBytes, memoryOffset } from './evaluate.ts'
import { binary, constant, type Expression, loadAt, local } from './expression.ts'
import type { Locals, MemoryStatement, Statement } from './statement.ts'

/** Replaces memory writes by plain stores, in place. */
export function expandWrites(list: Statement[], locals: Locals): void {
  for (const [i, statement] of list.entries()) {
    if (statement.kind === 'if') {
      expandWrites(statement.body, locals)
      expandWrites(statement.otherwise, locals)
    }
    if (statement.kind === 'write')
      list[i] = { kind: 'if', condition: statement.enable, body: storesOf(statement, locals), otherwise: [] }
  }
}

function storesOf({ memory, index, parts }: MemoryStatement, locals: Locals): Statement[] {
  const body: Statement[] = []
  // all operands first: with several parts, or a merge, the data may read what is stored here
  const single = parts.length === 1 && !parts[0]!.mask
  const keep = (e: Expression): Expression => {
    if (single || e.operation === 'constant' || e.operation === 'local') return e
    const kept = locals.add(e.type)
    body.push({ kind: 'set', local: kept, value: e })
    return local(kept, e.type)
  }
  const offset = keep(memoryOffset(memory, index))
  const ready = parts.map(({ data, mask }) => ({ data: keep(data), mask: mask && keep(mask) }))
  for (const [part, { data, mask }] of ready.entries()) {
    const base = memory.base + memory.parts[part]!.byte
    const bytes = memoryBytes(memory, part)
    let value = data
    if (mask) {
      const inverse = binary('xor', mask, constant(-1n, mask.type))
      const old = binary('and', loadAt(base, offset, bytes, data.type), inverse)
      value = binary('or', binary('and', data, mask), old)
    }
    body.push({ kind: 'storeAt', base, offset, bytes, value })
  }
  return body
}
