import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { parseSerialAddress } from '../../../src/link/carriers/serial-address.ts'

it('reads device, baud and flow control', () => {
  expect(parseSerialAddress('serial:/dev/ttyUSB1')).toEqual({
    path: '/dev/ttyUSB1',
    baud: 3_000_000,
    rtscts: false,
  })
  expect(parseSerialAddress('serial:COM5?baud=115200&rtscts=1')).toEqual({
    path: 'COM5',
    baud: 115200,
    rtscts: true,
  })
})

it.each([
  'serial:',
  'serial: ',
  'serial:?baud=9600',
  'tty:/dev/ttyUSB1',
  'serial:/dev/ttyUSB1?baud=',
  'serial:/dev/ttyUSB1?baud=fast',
  'serial:/dev/ttyUSB1?baud=-9600',
  'serial:/dev/ttyUSB1?baud=1e6',
  'serial:/dev/ttyUSB1?baud=109',
  'serial:/dev/ttyUSB1?baud=12000001',
  'serial:/dev/ttyUSB1?baud=9600&baud=9600',
  'serial:/dev/ttyUSB1?speed=9600',
  'serial:/dev/ttyUSB1?rtscts=yes',
  'serial:/dev/tty\0USB1',
])('refuses %j', (address) => {
  expect(() => parseSerialAddress(address)).toThrow(expect.objectContaining({ code: 'GG_BOARD_ADDRESS' }))
})

it('gives an address or its typed error for any text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(parseSerialAddress(`serial:${text}`).path).not.toBe('')
      } catch (error) {
        expect(error).toBeInstanceOf(GemgateError)
      }
    }),
    { numRuns: 500, seed: 2 },
  )
})
