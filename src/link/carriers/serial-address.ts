import { GemgateError } from '../../core/errors.ts'

/** What `serial:PATH?baud=N&rtscts=1` says. */
export interface SerialAddress {
  /** Device path, such as /dev/ttyUSB1, or COM5. */
  readonly path: string
  /** 110 to 12000000. */
  readonly baud: number
  /** RTS/CTS flow control; only where both wires are there. */
  readonly rtscts: boolean
}

/** 12 MHz / 4: what the UART boards are built for. */
const defaultBaud = 3_000_000

const form = 'serial:/dev/ttyUSB1?baud=3000000'

/** Reads a `serial:` address. Throws GG_BOARD_ADDRESS naming what is wrong with it. */
export function parseSerialAddress(address: string): SerialAddress {
  const wrong = (what: string): GemgateError =>
    new GemgateError(
      'GG_BOARD_ADDRESS',
      `${JSON.stringify(address)}: ${what}`,
      `The form is ${form}, with &rtscts=1 where both wires are there.`,
    )
  const match = /^serial:([^?\0]*)(?:\?(.*))?$/s.exec(address)
  if (match === null) throw wrong('no serial address')
  const [, path, query = ''] = match
  if (path === undefined || path.trim() === '') throw wrong('the device is missing')
  let baud = defaultBaud
  let rtscts = false
  const seen = new Set<string>()
  for (const part of query === '' ? [] : query.split('&')) {
    const [key = '', value = ''] = part.split(/=(.*)/s)
    if (seen.has(key)) throw wrong(`${key} is given twice`)
    seen.add(key)
    if (key === 'baud') {
      baud = Number(value)
      if (!/^\d+$/.test(value) || baud < 110 || baud > 12_000_000)
        throw wrong(`baud is ${JSON.stringify(value)}, not a number from 110 to 12000000`)
    } else if (key === 'rtscts') {
      if (value !== '0' && value !== '1') throw wrong(`rtscts is ${JSON.stringify(value)}, not 0 or 1`)
      rtscts = value === '1'
    } else throw wrong(`there is no option ${JSON.stringify(key)}`)
  }
  return { path, baud, rtscts }
}
