// power_on_reset: rst is high for the first 2 ** BITS - 1 clocks after configuration, 1024 or more.
//
// The counter starts at 0 because the registers of the devices do. With 11 bits at 12 MHz this is 170 us; block RAMs of the
// iCE40 are not readable in the first 3 us.
`default_nettype none
module power_on_reset #(
    parameter int BITS = 11
) (
    input  wire clk,
    output wire rst
);
  logic [BITS-1:0] count = '0;
  assign rst = ~&count;
  always_ff @(posedge clk) count <= count + BITS'(rst);
endmodule
`default_nettype wire
