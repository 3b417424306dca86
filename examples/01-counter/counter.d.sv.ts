// Written by gemgate from counter.sv; it changes with it.
import type { VerilogModule } from 'gemgate/sim'

export interface Inputs {
  /** input, 1 bit */
  clk: number
  /** input, 1 bit: synchronous */
  rst: number
  /** input, 1 bit */
  enable: number
}

export interface Outputs {
  /** output, 8 bits [WIDTH-1:0] */
  count: number
}

export interface Parameters {
  /** default 8 */
  WIDTH: number
}

export interface Ports {
  in: Inputs
  out: Outputs
}

/** The module counter. */
declare const module: VerilogModule<Ports, Parameters>
export default module
