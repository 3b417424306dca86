import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachDevice } from '../../sim/board/attach-device.ts'
import { DuplexCarrier } from '../../sim/board/duplex.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { PacedCarrier } from '../../sim/board/paced-carrier.ts'
import { Pty } from '../../sim/board/pty.ts'
import { VfioUserServer } from '../../sim/board/vfio-user-server.ts'
import { SerialCarrier } from '../../src/link/carriers/serial-carrier.ts'
import { VfioUserCarrier } from '../../src/link/carriers/vfio-user-carrier.ts'
import type { Framing } from '../../src/link/framer.ts'
import type { CarrierBench, OpenCarrier } from './throughput.ts'
import { ThroughputTarget, throughputRegisters } from './throughput-target.ts'

/** 3 Mbaud with a start and a stop bit, and the millisecond of a USB bridge. */
const baud = 3_000_000
const line = { bytesPerSecond: baud / 10, latency: 1 }

/** Frames that a board holds each way: those of the iCEBreaker, and of a PCIe board. */
const slots = {
  bytes: { slots: 7, transmitSlots: 4 },
  records: { slots: 64, transmitSlots: 64 },
} as const

/** The device of a bench. */
function device(framing: Framing): { readonly endpoint: LinkEndpoint; readonly target: ThroughputTarget } {
  const target = new ThroughputTarget()
  const endpoint = new LinkEndpoint(target, {
    framing,
    registers: throughputRegisters,
    ...slots[framing],
  })
  return { endpoint, target }
}

async function inProcess(framing: Framing, paced: boolean): Promise<OpenCarrier> {
  const { endpoint, target } = device(framing)
  const duplex = new DuplexCarrier(endpoint)
  const carrier = paced ? new PacedCarrier(duplex, line) : duplex
  return { carrier, target, [Symbol.asyncDispose]: async () => {} }
}

/** A real serial port of a pseudo-terminal, opened through serialport. */
async function serial(paced: boolean): Promise<OpenCarrier> {
  const { endpoint, target } = device('bytes')
  const pty = await Pty.open()
  void attachDevice(endpoint, paced ? new PacedCarrier(pty, line) : pty)
  return {
    carrier: await SerialCarrier.open({ path: pty.path, baud, rtscts: false }),
    target,
    [Symbol.asyncDispose]: () => pty[Symbol.asyncDispose](),
  }
}

async function vfioUser(): Promise<OpenCarrier> {
  const { endpoint, target } = device('records')
  const path = join(tmpdir(), `gemgate-bench-${process.pid}.sock`)
  const server = await VfioUserServer.open(path)
  void attachDevice(endpoint, server)
  return {
    carrier: await VfioUserCarrier.open(path),
    target,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await rm(path, { force: true })
    },
  }
}

const wire = line.bytesPerSecond

/** Every carrier that needs no hardware. */
export const carrierBenches: readonly CarrierBench[] = [
  {
    name: 'bytes, in process, 3 Mbaud',
    bytes: 1_500_000,
    registerReads: 500,
    wire,
    open: () => inProcess('bytes', true),
  },
  { name: 'serial on a pty, 3 Mbaud', bytes: 1_500_000, registerReads: 500, wire, open: () => serial(true) },
  { name: 'serial on a pty', bytes: 8_000_000, registerReads: 2000, open: () => serial(false) },
  {
    name: 'bytes, in process',
    bytes: 32_000_000,
    registerReads: 5000,
    open: () => inProcess('bytes', false),
  },
  {
    name: 'records, in process',
    bytes: 64_000_000,
    registerReads: 5000,
    open: () => inProcess('records', false),
  },
  { name: 'records, vfio-user socket', bytes: 16_000_000, registerReads: 2000, open: () => vfioUser() },
]
