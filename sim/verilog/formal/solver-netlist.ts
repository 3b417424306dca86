import type { Control } from './proof-clock.ts'
import type { ResetSequence } from './proof-task.ts'

/** Attribute of cells that are taken away, so that what they drive can be anything. */
export const freeAttribute = 'gemgate_free'

export interface SolverNetlistOptions {
  /** Names of the `$check` cells to be proven; assumptions always stay. */
  readonly goals: ReadonlySet<string>
  /** True for cells that are taken away, by name. */
  readonly isFree: (cell: string) => boolean
  readonly controls: ReadonlyMap<string, readonly Control[]>
  readonly reset: Required<ResetSequence> | undefined
  /** With one clock a check of a clock edge is one of the moment before it. */
  readonly oneClock: boolean
}

/**
 * Makes the flat netlist of the simulator one for the solver: without outputs, so that logic which no check sees goes
 * away, and with covers as asserts that they never come true.
 */
export function solverNetlist(
  rtlil: string,
  { goals, isFree, controls, reset, oneClock }: SolverNetlistOptions,
): string {
  const source = rtlil.split('\n')
  const lines: string[] = []
  /** Attributes in front of the next object; they go with it. */
  let attributes: string[] = []
  for (let i = 0; i < source.length; i++) {
    const line = source[i]!
    if (/^\s*attribute /.test(line)) {
      attributes.push(line)
      continue
    }
    const [, type, name] = /^\s*cell (\S+) (\S+)$/.exec(line) ?? []
    if (type === '$check' || type === '$print') {
      const end = source.indexOf('  end', i)
      const check = source.slice(i, end + 1)
      i = end
      const flavor = /FLAVOR "(\w+)"/.exec(check.join('\n'))?.[1]
      if (type === '$check' && (flavor === 'assume' || goals.has(name!))) {
        const wire = `$proof${lines.length}`
        const plain = isInitial(check)
          ? onlyAtStart(check, wire)
          : oneClock
            ? withoutTrigger(check, controls.get(name!) ?? [], wire)
            : check
        lines.push(...attributes, ...(flavor === 'cover' ? neverTrue(plain, `${wire}$never`) : plain))
      }
    } else {
      if (name !== undefined && isFree(name)) lines.push(`  attribute \\${freeAttribute} 1`)
      lines.push(...attributes, line.replace(/^(\s*wire .*)\boutput \d+ /, '$1'))
    }
    attributes = []
  }
  lines.splice(
    lines.findIndex((line) => line.startsWith('module ')) + 1,
    0,
    ...stateBit('$start', '1', "1'0"),
  )
  if (reset) lines.splice(lines.lastIndexOf('end'), 0, ...resetSequence(reset))
  return lines.join('\n')
}

/**
 * The sequence as registers and an assumption. It must be part of the state: the solver looks only for runs that never
 * come to the same state twice, which is no loss as long as all cycles are alike.
 */
function resetSequence({ port, active, cycles, later }: Required<ResetSequence>): string[] {
  const over = `$reset${cycles - 1}`
  const registers = Array.from({ length: cycles }, (_, i) =>
    stateBit(`$reset${i}`, '0', i === 0 ? "1'1" : `$reset${i - 1}`),
  )
  const level = active === 1 ? `\\${port}` : '$reset$level'
  return [
    ...registers.flat(),
    ...(active === 1 ? [] : gate('$not', level, [`\\${port}`])),
    ...gate(later === 'any' ? '$or' : '$xor', '$reset$kept', [level, over]),
    '  cell $assume $reset$assume',
    '    connect \\A $reset$kept',
    "    connect \\EN 1'1",
    '  end',
  ]
}

/** A bit that takes its data in each step. */
function stateBit(wire: string, initial: '0' | '1', data: string): string[] {
  return [
    `  attribute \\init 1'${initial}`,
    `  wire ${wire}`,
    `  cell $ff ${wire}$register`,
    '    parameter \\WIDTH 1',
    `    connect \\D ${data}`,
    `    connect \\Q ${wire}`,
    '  end',
  ]
}

/** A gate of one bit that drives a wire of its own. */
function gate(type: '$not' | '$and' | '$or' | '$xor', wire: string, inputs: readonly string[]): string[] {
  const names = ['A', 'B'].slice(0, inputs.length)
  const values = names.flatMap((name) => [`${name}_SIGNED 0`, `${name}_WIDTH 1`])
  return [
    `  wire ${wire}`,
    `  cell ${type} ${wire}$gate`,
    ...[...values, 'Y_WIDTH 1'].map((value) => `    parameter \\${value}`),
    ...names.map((name, i) => `    connect \\${name} ${inputs[i]}`),
    `    connect \\Y ${wire}`,
    '  end',
  ]
}

function connected(cell: readonly string[], port: string): string {
  const start = `connect \\${port} `
  return (
    cell
      .find((line) => line.trimStart().startsWith(start))
      ?.trimStart()
      .slice(start.length) ?? ''
  )
}

function reconnect(cell: readonly string[], port: string, signal: string): string[] {
  return cell.map((line) =>
    line.trimStart().startsWith(`connect \\${port} `) ? `    connect \\${port} ${signal}` : line,
  )
}

/** A cover as the assert of its opposite. */
function neverTrue(check: readonly string[], wire: string): string[] {
  const goal = check.map((line) => line.replace('"cover"', '"assert"'))
  return [...gate('$not', wire, [connected(check, 'A')]), ...reconnect(goal, 'A', wire)]
}

function isInitial(check: readonly string[]): boolean {
  return check.some((line) => /TRG_ENABLE 1$/.test(line)) && check.some((line) => /TRG_WIDTH 0$/.test(line))
}

/** The first step must be part of the state, as the reset sequence must. */
function onlyAtStart(check: readonly string[], wire: string): string[] {
  const enable = `${wire}$enable`
  const plain = check.map((line) => line.replace(/TRG_ENABLE 1$/, 'TRG_ENABLE 0'))
  return [...gate('$and', enable, [connected(check, 'EN'), '$start']), ...reconnect(plain, 'EN', enable)]
}

/** Without the trigger, but only while no asynchronous control is active, for which Yosys adds no condition. */
function withoutTrigger(check: readonly string[], controls: readonly Control[], wire: string): string[] {
  const triggers = [...connected(check, 'TRG').matchAll(/[\\$]\S+(?: \[\d+\])?/g)]
    .map(([text]) => text)
    .reverse()
  const lines: string[] = []
  let enable = connected(check, 'EN')
  for (const { at, rising } of controls) {
    const quiet = rising ? `${wire}$quiet${at}` : triggers[at]!
    if (rising) lines.push(...gate('$not', quiet, [triggers[at]!]))
    lines.push(...gate('$and', `${wire}$enable${at}`, [enable, quiet]))
    enable = `${wire}$enable${at}`
  }
  const plain = check.map((line) => line.replace(/(TRG_(?:ENABLE|WIDTH|POLARITY)) .*$/, '$1 0'))
  return [...lines, ...reconnect(reconnect(plain, 'TRG', '{ }'), 'EN', enable)]
}
