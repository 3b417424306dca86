// ulx3s_85f_top: ULX3S with LFE5U-85F, 25 MHz oscillator, UART over the FT231X at 3 Mbaud.
//
// A PLL makes 30 MHz, which are 10 clocks per bit. The whole trigger from raw pixels on, tiles included. First LED:
// heartbeat; second LED: a session began. BUILD and SCHEMA are set by the build, see src/toolchain.
`default_nettype none
module ulx3s_85f_top #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0
) (
    input  wire clk,
    input  wire uart_rx,
    output wire uart_tx,
    output wire led_heartbeat,
    output wire led_link
);
  wire clk_30, locked, starting;

  // 25 MHz / 5 * 6, oscillator of the PLL at 600 MHz
  EHXPLLL #(
      .CLKI_DIV(5),
      .CLKFB_DIV(6),
      .CLKOP_DIV(20),
      .CLKOP_CPHASE(9),
      .FEEDBK_PATH("CLKOP")
  ) pll_i (
      .CLKI(clk),
      .CLKFB(clk_30),
      .CLKOP(clk_30),
      .LOCK(locked),
      .RST(1'b0),
      .STDBY(1'b0),
      .PHASESEL0(1'b0),
      .PHASESEL1(1'b0),
      .PHASEDIR(1'b0),
      .PHASESTEP(1'b0),
      .PHASELOADREG(1'b0),
      .PLLWAKESYNC(1'b0),
      .ENCLKOP(1'b1)
  );

  logic [1:0] steady = '0;
  always_ff @(posedge clk_30) steady <= {steady[0], locked};

  power_on_reset power_on_reset_i (
      .clk(clk_30),
      .rst(starting)
  );

  full_uart_board #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(32'd30000000),
      .DIVISOR(10)
  ) full_uart_board_i (
      .clk(clk_30),
      .rst(starting | ~steady[1]),
      .rx(uart_rx),
      .tx(uart_tx),
      .heartbeat(led_heartbeat),
      .linked(led_link)
  );
endmodule
`default_nettype wire
