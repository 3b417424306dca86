// signature: 32 bits that depend on `value` in every clock since power-on.
`default_nettype none
module signature (
    input  wire         clk,
    input  wire  [31:0] value,
    output logic [31:0] state
);
  initial state = 32'hFFFFFFFF;
  always_ff @(posedge clk)
    state <= {state[30:0], state[31] ^ state[21] ^ state[1] ^ state[0]} ^ value;
endmodule
`default_nettype wire
