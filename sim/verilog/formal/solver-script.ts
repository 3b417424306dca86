import { freeAttribute } from './solver-netlist.ts'

export const netlistFile = 'proof.il'
export const guardFile = 'guard.v'

const divisions = ['div', 'mod', 'divfloor', 'modfloor']

/** A quotient or remainder by zero is 0, as in the simulator. */
export const guardMap = divisions
  .map(
    (name) => `
module \\$${name} (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;
  wire [Y_WIDTH-1:0] plain;
  \\$__plain_${name} #(.A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH),
    .Y_WIDTH(Y_WIDTH)) guarded (.A(A), .B(B), .Y(plain));
  assign Y = |B ? plain : {Y_WIDTH{1'b0}};
endmodule`,
  )
  .join('\n')

/** Commands that turn the netlist into gates and registers that `sat` knows. */
export function prepareScript(oneClock: boolean, divides: boolean): string[] {
  return [
    `read_rtlil ${netlistFile}`,
    'opt_clean -purge',
    oneClock ? 'async2sync' : 'clk2fflogic',
    'chformal -lower',
    ...(divides
      ? [`techmap -map ${guardFile}`, ...divisions.map((name) => `chtype -set $${name} t:$__plain_${name}`)]
      : []),
    'setundef -undriven -zero',
    `delete a:${freeAttribute}`,
    'check',
    'opt_clean -purge',
    // -formal: writes that clk2fflogic has freed of their clock
    oneClock ? 'memory_map' : 'memory_map -formal',
    'opt',
    'opt_clean -purge',
  ]
}

export type Search =
  /** Runs of up to `steps` cycles from the start, and induction of each length. */
  | { readonly kind: 'induction'; readonly steps: number }
  /** Only runs from the start. */
  | { readonly kind: 'base'; readonly steps: number }
  /** Is there any run of `steps` cycles that keeps the assumptions. */
  | { readonly kind: 'possible'; readonly steps: number }

const searches = {
  induction: (steps: number) => `-prove-asserts -tempinduct -maxsteps ${steps}`,
  base: (steps: number) => `-prove-asserts -tempinduct -tempinduct-baseonly -maxsteps ${steps}`,
  possible: (steps: number) => `-seq ${steps}`,
}

export function searchCommand({ kind, steps }: Search, initial: 'zero' | 'any'): string {
  return `sat -set-assumes -show-inputs ${searches[kind](steps)}${initial === 'zero' ? ' -set-init-zero' : ''}`
}
