// icebreaker_top: iCEBreaker 1.0, iCE40UP5K at its 12 MHz oscillator, UART at 3 Mbaud (4 clocks per bit).
//
// Line memories are single-port RAMs (ice40up5k/line_memory.sv). Green LED: heartbeat; red LED: dark once a session began.
// The host may send 7 frames ahead and the board 4: a USB line has latency.
// BUILD, SCHEMA and the sizes are set by the build, see src/toolchain.
`default_nettype none
module icebreaker_top #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter int MACRO_SIDE = 1024,
    parameter int LABEL_BITS = 8,
    parameter int GAIN_BITS = 10,
    parameter int RX_SLOT_BITS = 3,
    parameter int TX_SLOT_BITS = 2
) (
    input  wire clk,
    input  wire uart_rx,
    output wire uart_tx,
    output wire led_red_n,
    output wire led_green_n
);
  wire heartbeat;
  assign led_green_n = ~heartbeat;

  macro_board #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(32'd12000000),
      .DIVISOR(4),
      .MACRO_SIDE(MACRO_SIDE),
      .LABEL_BITS(LABEL_BITS),
      .GAIN_BITS(GAIN_BITS),
      .RX_SLOT_BITS(RX_SLOT_BITS),
      .TX_SLOT_BITS(TX_SLOT_BITS)
  ) macro_board_i (
      .clk(clk),
      .rx(uart_rx),
      .tx(uart_tx),
      .heartbeat(heartbeat),
      .linked(led_red_n)
  );
endmodule
`default_nettype wire
