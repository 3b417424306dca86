import { checkWrite, declarationOf } from '../board/register-checks.ts'
import { type RegisterName, registerDeclarations } from '../board/registers.ts'
import { GemgateError } from '../core/errors.ts'
import { type BoardOptions, openNamed } from './board-open.ts'
import type { Output } from './output.ts'

/** `gemgate board read`. */
export async function readRegisters(
  address: string,
  names: readonly string[],
  options: BoardOptions,
  output: Output,
): Promise<void> {
  const wanted =
    names.length === 0 ? registerDeclarations.map(({ name }) => name) : names.map((name) => known(name))
  await using board = await openNamed(address, options)
  const values: Record<string, number> = {}
  for (const name of wanted) {
    values[name] = await board.read(name)
    output.text(`${name.padEnd(16)} ${String(values[name]).padStart(10)}  0x${values[name].toString(16)}`)
  }
  output.result(values)
}

/** `gemgate board write`. */
export async function writeRegisters(
  address: string,
  texts: readonly string[],
  options: BoardOptions,
  output: Output,
): Promise<void> {
  const writes = texts.map((text) => parseWrite(text))
  await using board = await openNamed(address, options)
  await board.writeAll(writes)
  output.text(`${writes.length} written`)
  output.result({ written: Object.fromEntries(writes) })
}

function parseWrite(text: string): readonly [RegisterName, number] {
  const [, name = '', value = ''] = /^([a-z_]+)=(0x[0-9a-f]+|\d+)$/i.exec(text) ?? []
  if (value === '')
    throw new GemgateError(
      'GG_USAGE',
      `${JSON.stringify(text)} is no write`,
      'Write REGISTER=VALUE, such as width=2304 or clip_low=0x640.',
    )
  const write = [known(name), Number(value)] as const
  // All of them, before the first one is done.
  checkWrite(...write)
  return write
}

function known(name: string): RegisterName {
  return declarationOf(name as RegisterName).name as RegisterName
}
