// hx8k_top: iCE40-HX8K breakout board (B-EVN), 12 MHz oscillator, UART at 3 Mbaud (4 clocks per bit).
//
// First LED: heartbeat; second LED: a session began. BUILD, SCHEMA and the sizes are set by the build, see src/toolchain.
`default_nettype none
module hx8k_top #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter int MACRO_SIDE = 256,
    parameter int LABEL_BITS = 5,
    parameter int GAIN_BITS = 8,
    parameter int RX_SLOT_BITS = 2,
    parameter int TX_SLOT_BITS = 1
) (
    input  wire clk,
    input  wire uart_rx,
    output wire uart_tx,
    output wire led_heartbeat,
    output wire led_link
);
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
      .heartbeat(led_heartbeat),
      .linked(led_link)
  );
endmodule
`default_nettype wire
