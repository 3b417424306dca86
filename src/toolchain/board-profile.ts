import type { LogicCapability } from '../board/capability.ts'

/** The tools that make a bitstream: Yosys and nextpnr from npm, or a project for tools that npm does not have. */
export type BoardFlow = 'ice40' | 'ecp5' | 'vivado'

/**
 * How far a board has been taken. `simulated`: its gateware runs in simulation and Yosys maps it. `built`: a bitstream
 * that meets timing is in bitstreams/. `proven`: somebody ran it on the board.
 */
export type BoardStatus = 'simulated' | 'built' | 'proven'

/** How the host reaches the gateware. */
export type BoardLink =
  | { readonly kind: 'uart'; readonly baud: number }
  | { readonly kind: 'pcie'; readonly lanes: number; readonly generation: number }

export interface UsbDevice {
  readonly vendor: number
  readonly product: number
  readonly what: string
}

/** A development board and the gateware for it. */
export interface BoardProfile {
  /** As in `gemgate build NAME`. */
  readonly name: string
  readonly title: string
  readonly status: BoardStatus
  readonly fpga: string
  /** The device as the tools of the flow name it. */
  readonly device: string
  readonly package: string
  readonly flow: BoardFlow
  /** Oscillator on the board, Hz. */
  readonly oscillator: number
  /** Clock of the logic, Hz; bitstreams that do not meet it are refused. */
  readonly clock: number
  readonly link: BoardLink
  /** Bridges with which the board appears on USB. */
  readonly usb: readonly UsbDevice[]
  /** Program that writes the configuration memory, and its size in bytes. */
  readonly flash: { readonly tool: string; readonly bytes: number }
  /** Package pin or ball by port of the top module. */
  readonly pins: Readonly<Record<string, string>>
  /** Top module; its file bears its name. */
  readonly top: string
  /** The largest module that Yosys can map: the top, or what lies below the cores of the maker. */
  readonly logic: string
  /** Folders with one module per file; the first that has a module wins. */
  readonly folders: readonly string[]
  readonly constraints: string
  /** Parameters of the top module besides BUILD. */
  readonly parameters: Readonly<Record<string, number>>
  /** What the logic says of itself in its register `capability`. */
  readonly capability: LogicCapability
  /** What the device has, in the words of its tools. */
  readonly resources: Readonly<Record<string, number>>
}
