// ram4k_map: how Yosys maps a memory that memory_libmap chose to SB_RAM40_4K; rising clocks only.
//
// Gives what ice40/brams_map.v of Yosys gives, but moves the bits of INIT in two swaps over the whole word: the function
// there, evaluated bit by bit, takes a second per memory. The pins of narrower ports follow from the manual of the device
// (memory usage guide for iCE40): the bits of an address go to the pins in reverse, and bit k of the data to pin reverse(k).
module \$__ICE40_RAM4K_ (...);
  parameter INIT = 0;
  parameter OPTION_HAS_BE = 1;
  parameter PORT_R_WIDTH = 16;
  parameter PORT_W_WIDTH = 16;
  parameter PORT_W_WR_BE_WIDTH = 16;
  parameter PORT_R_CLK_POL = 1;
  parameter PORT_W_CLK_POL = 1;
  input PORT_R_CLK;
  input PORT_R_RD_EN;
  input [10:0] PORT_R_ADDR;
  output [PORT_R_WIDTH-1:0] PORT_R_RD_DATA;
  input PORT_W_CLK;
  input PORT_W_WR_EN;
  input [15:0] PORT_W_WR_BE;
  input [10:0] PORT_W_ADDR;
  input [PORT_W_WIDTH-1:0] PORT_W_WR_DATA;

  wire _TECHMAP_FAIL_ = PORT_R_CLK_POL != 1 || PORT_W_CLK_POL != 1;

  // bit r of a word of 16 goes to bit reverse(r): bits 0 and 3 of r change places, then bits 1 and 2
  localparam [4095:0] FROM_1 = {256{16'h00AA}};
  localparam [4095:0] FROM_8 = {256{16'h5500}};
  localparam [4095:0] FROM_2 = {256{16'h0C0C}};
  localparam [4095:0] FROM_4 = {256{16'h3030}};
  localparam [4095:0] WORDS = INIT;
  localparam [4095:0] OUTER =
      ((WORDS & FROM_1) << 7) | ((WORDS & FROM_8) >> 7) | (WORDS & ~(FROM_1 | FROM_8));
  localparam [4095:0] BITS = ((OUTER & FROM_2) << 2) | ((OUTER & FROM_4) >> 2) | (OUTER & ~(FROM_2 | FROM_4));

  wire [15:0] read, data, mask;
  genvar k;
  generate
    // 16, 8, 4, 2 bits: the lowest pin is 0, 0, 1, 3
    for (k = 0; k < PORT_R_WIDTH; k = k + 1) begin : r
      localparam [3:0] K = k;
      localparam PIN = {K[0], K[1], K[2], K[3]} + (PORT_R_WIDTH == 4 ? 1 : PORT_R_WIDTH == 2 ? 3 : 0);
      assign PORT_R_RD_DATA[k] = read[PIN];
    end
    for (k = 0; k < PORT_W_WIDTH; k = k + 1) begin : w
      localparam [3:0] K = k;
      localparam PIN = {K[0], K[1], K[2], K[3]} + (PORT_W_WIDTH == 4 ? 1 : PORT_W_WIDTH == 2 ? 3 : 0);
      assign data[PIN] = PORT_W_WR_DATA[k];
      if (PORT_W_WIDTH == 16) assign mask[PIN] = ~PORT_W_WR_BE[k];
    end
  endgenerate

  SB_RAM40_4K #(
      .INIT_0(BITS[255:0]),
      .INIT_1(BITS[511:256]),
      .INIT_2(BITS[767:512]),
      .INIT_3(BITS[1023:768]),
      .INIT_4(BITS[1279:1024]),
      .INIT_5(BITS[1535:1280]),
      .INIT_6(BITS[1791:1536]),
      .INIT_7(BITS[2047:1792]),
      .INIT_8(BITS[2303:2048]),
      .INIT_9(BITS[2559:2304]),
      .INIT_A(BITS[2815:2560]),
      .INIT_B(BITS[3071:2816]),
      .INIT_C(BITS[3327:3072]),
      .INIT_D(BITS[3583:3328]),
      .INIT_E(BITS[3839:3584]),
      .INIT_F(BITS[4095:3840]),
      .READ_MODE(PORT_R_WIDTH == 16 ? 2'd0 : PORT_R_WIDTH == 8 ? 2'd1 : PORT_R_WIDTH == 4 ? 2'd2 : 2'd3),
      .WRITE_MODE(PORT_W_WIDTH == 16 ? 2'd0 : PORT_W_WIDTH == 8 ? 2'd1 : PORT_W_WIDTH == 4 ? 2'd2 : 2'd3)
  ) _TECHMAP_REPLACE_ (
      .RDATA(read),
      .RCLK(PORT_R_CLK),
      .RCLKE(PORT_R_RD_EN),
      .RE(1'b1),
      .RADDR({PORT_R_ADDR[0], PORT_R_ADDR[1], PORT_R_ADDR[2], PORT_R_ADDR[10:3]}),
      .WDATA(data),
      .WCLK(PORT_W_CLK),
      .WCLKE(PORT_W_WR_EN),
      .WE(1'b1),
      .WADDR({PORT_W_ADDR[0], PORT_W_ADDR[1], PORT_W_ADDR[2], PORT_W_ADDR[10:3]}),
      .MASK(mask)
  );
endmodule
