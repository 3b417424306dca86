import { type RegisterName, registerAddress } from '../../board/registers.ts'
import {
  type Action,
  actions,
  encodeJump,
  encodeOperation,
  type Jump,
  jumps,
  type Mode,
  modes,
  type Operation,
  operations,
  ports,
  programWords,
  settingPort,
} from './instruction-set.ts'

/** Words that must not change any more, and the addresses of the labels. */
export interface Program {
  readonly words: Uint16Array
  readonly labels: ReadonlyMap<string, number>
}

interface Line {
  readonly number: number
  readonly mnemonic: string
  readonly operand: string
}

/**
 * Assembles a program. A line is a label with a colon, an instruction, or empty; a semicolon starts a comment.
 * Operands, n being numbers and names of `symbols` joined by + and -:
 *
 *   #n    the number n             ^n    n in the upper byte      n     the word at address n
 *   [p+n] the word at P + n        [p]+n the word at P, after which P steps by n; q likewise
 *   %name a port                   $name.0, $name.1  the lower or upper half of a register of the board
 *
 * `word n` puts a number, `table name` the words of `tables`, `lpa label` loads the address of a label into A (two
 * instructions). Throws an Error naming the line for anything else: programs are part of gemgate, not input.
 */
export function assemble(
  text: string,
  symbols: ReadonlyMap<string, number>,
  tables: ReadonlyMap<string, readonly number[]> = new Map(),
): Program {
  const labels = new Map<string, number>()
  const lines: Line[] = []
  let address = 0
  text.split('\n').forEach((raw, index) => {
    const code = raw.replace(/;.*/, '').trim()
    if (code === '') return
    const label = /^([\w.]+):$/.exec(code)?.[1]
    if (label !== undefined) {
      if (labels.has(label)) throw mistake(index + 1, `the label ${label} stands twice`)
      labels.set(label, address)
      return
    }
    const [mnemonic, ...rest] = code.split(/\s+/)
    const line = { number: index + 1, mnemonic: mnemonic!, operand: rest.join('') }
    lines.push(line)
    address += line.mnemonic === 'table' ? tableOf(tables, line).length : line.mnemonic === 'lpa' ? 2 : 1
  })
  if (address > programWords) throw mistake(0, `${address} words, and ${programWords} fit`)
  const words = lines.flatMap((line) => encode(line, symbols, labels, tables))
  return { words: Uint16Array.from(words), labels }
}

function tableOf(tables: ReadonlyMap<string, readonly number[]>, line: Line): readonly number[] {
  const table = tables.get(line.operand)
  if (table === undefined) throw mistake(line.number, `there is no table ${line.operand}`)
  return table
}

function encode(
  line: Line,
  symbols: ReadonlyMap<string, number>,
  labels: ReadonlyMap<string, number>,
  tables: ReadonlyMap<string, readonly number[]>,
): readonly number[] {
  const { mnemonic, operand, number } = line
  const target = (): number => {
    const found = labels.get(operand)
    if (found === undefined) throw mistake(number, `there is no label ${operand}`)
    return found
  }
  if (mnemonic === 'table') return tableOf(tables, line).map((word) => word & 0xffff)
  if (mnemonic === 'word') return [value(operand, symbols, number) & 0xffff]
  if (mnemonic === 'lpa') {
    const low = (target() << 24) >> 24
    const high = (target() - low) >> 8
    return [encodeOperation('lda', modes.high, high), encodeOperation('add', modes.immediate, low)]
  }
  if ((jumps as readonly string[]).includes(mnemonic)) return [encodeJump(mnemonic as Jump, target())]
  if ((actions as readonly string[]).includes(mnemonic))
    return [encodeOperation('act', modes.immediate, actions.indexOf(mnemonic as Action))]
  const operation = mnemonic === 'step' ? 'act' : mnemonic
  if (!(operations as readonly string[]).includes(operation))
    throw mistake(number, `there is no instruction ${mnemonic}`)
  const [mode, immediate] = parseOperand(operand, symbols, number)
  const memory = mode !== modes.immediate && mode !== modes.high && mode !== modes.port
  const steps = mode === modes.pStep || mode === modes.qStep
  if (mode === modes.port && immediate >= settingPort && operation !== 'lda')
    throw mistake(number, 'settings can only be loaded')
  if (operation === 'act' ? mnemonic !== 'step' || !steps : operation === 'sta' && !memory)
    throw mistake(number, `${mnemonic} cannot have the operand ${operand}`)
  return [encodeOperation(operation as Operation, mode, immediate)]
}

function parseOperand(
  operand: string,
  symbols: ReadonlyMap<string, number>,
  line: number,
): readonly [Mode, number] {
  const number = (text: string): number => value(text, symbols, line)
  const within = (mode: Mode, n: number, low: number, high: number): readonly [Mode, number] => {
    if (n < low || n > high) throw mistake(line, `${operand} is outside ${low} to ${high}`)
    return [mode, n]
  }
  const stepped = /^\[([pq])\]([+-].+)$/.exec(operand)
  if (stepped !== null)
    return within(stepped[1] === 'p' ? modes.pStep : modes.qStep, number(`0${stepped[2]!}`), -128, 127)
  const indexed = /^\[([pq])(.*)\]$/.exec(operand)
  if (indexed !== null)
    return within(indexed[1] === 'p' ? modes.p : modes.q, number(`0${indexed[2]!}`), -128, 127)
  const rest = operand.slice(1)
  if (operand.startsWith('#')) return within(modes.immediate, number(rest), -128, 127)
  if (operand.startsWith('^')) return within(modes.high, number(rest), 0, 255)
  if (operand.startsWith('%')) {
    const port = ports[rest as keyof typeof ports]
    if (port === undefined) throw mistake(line, `there is no port ${rest}`)
    return [modes.port, port]
  }
  const setting = /^\$(\w+)\.([01])$/.exec(operand)
  if (setting !== null) {
    const address = registerAddress.get(setting[1] as RegisterName)
    if (address === undefined) throw mistake(line, `there is no register ${setting[1]}`)
    return [modes.port, settingPort + address + 32 * Number(setting[2])]
  }
  return within(modes.direct, number(operand), 0, 127)
}

/** A sum of numbers and names. */
function value(text: string, symbols: ReadonlyMap<string, number>, line: number): number {
  const terms = text.match(/[+-]?[^+-]+/g)
  if (terms === null || terms.join('') !== text) throw mistake(line, `'${text}' is no number`)
  return terms.reduce((sum, term) => {
    const [, sign, name] = /^([+-]?)(.*)$/.exec(term)!
    const n = /^\d/.test(name!) ? Number(name) : symbols.get(name!)
    if (n === undefined || Number.isNaN(n)) throw mistake(line, `there is no symbol ${name}`)
    return sign === '-' ? sum - n : sum + n
  }, 0)
}

function mistake(line: number, what: string): Error {
  return new Error(`line ${line} of a program: ${what}`)
}
