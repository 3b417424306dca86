// Written by gemgate from round_robin.sv; it changes with it.
import type { VerilogModule } from 'gemgate/sim'

export interface Inputs {
  /** input, 1 bit */
  clk: number
  /** input, 1 bit */
  rst: number
  /** input, 4 bits [PORTS-1:0] */
  get request(): number
  set request(value: number | bigint)
}

export interface Outputs {
  /** output, 4 bits [PORTS-1:0]: at most one bit */
  grant: number
}

export interface Parameters {
  /** default 4 */
  PORTS: number
}

export interface Ports {
  in: Inputs
  out: Outputs
}

/** The module round_robin. */
declare const module: VerilogModule<Ports, Parameters>
export default module
