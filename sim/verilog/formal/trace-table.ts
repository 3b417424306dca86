import type { Trace } from './proof-task.ts'

/** The inputs of a trace: a line per input, a column per cycle, in hexadecimal. */
export function inputTable(inputs: Trace['inputs']): string {
  const names = [...new Set(inputs.flatMap((values) => [...values.keys()]))]
  const rows = [
    ['cycle', ...inputs.map((_, i) => `${i + 1}`)],
    ...names.map((name) => [name, ...inputs.map((values) => (values.get(name) ?? 0n).toString(16))]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ')
  return rows.map(line).join('\n')
}

/** The state that a trace starts from, in hexadecimal, and its inputs. */
export function traceTable({ initial, inputs }: Trace): string {
  const state = [...initial].map(([name, { value }]) => `${name}=${value.toString(16)}`)
  return `${state.join(' ')}\n${inputTable(inputs)}`
}
