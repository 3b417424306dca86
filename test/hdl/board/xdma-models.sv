// Models of what xdma_top is made of, for Icarus Verilog. xdma_0 plays the PCIe side: it reads the identification block,
// sends the 64-bit words of words.hex, holds the engine in reset for a while, sends them again, and prints what comes.
`timescale 1ns / 1ps
module IBUFDS_GTE2 (
    input  I, IB, CEB,
    output O, ODIV2
);
  assign O = I & ~CEB;
  assign ODIV2 = O & ~IB;
endmodule

module IBUF (
    input  I,
    output O
);
  assign O = I;
endmodule

module BUFH (
    input  I,
    output O
);
  assign O = I;
endmodule

module BUFGCE (
    input  I, CE,
    output O
);
  reg on = 0;
  always @(negedge I) on <= CE;
  assign O = I & on;
endmodule

// Half the frequency; short clocks until it is locked.
module MMCME2_BASE #(
    parameter CLKIN1_PERIOD = 0, CLKFBOUT_MULT_F = 0, CLKOUT0_DIVIDE_F = 0
) (
    input  CLKIN1, CLKFBIN, PWRDWN, RST,
    output CLKFBOUT, CLKOUT0, LOCKED
);
  reg half = 0;
  reg [5:0] since = 0;
  always @(posedge CLKIN1) begin
    half  <= ~half;
    since <= RST ? 6'd0 : since + {5'd0, ~&since};
  end
  assign LOCKED = &since & ~RST;
  assign CLKOUT0 = LOCKED ? half : half ^ CLKIN1;
  assign CLKFBOUT = CLKFBIN & PWRDWN;
endmodule

// One word at a time from clock to clock.
module clock_crossing #(
    parameter W = 64
) (
    input s_axis_aresetn, m_axis_aresetn, s_axis_aclk, m_axis_aclk,
    input s_axis_tvalid, m_axis_tready,
    output s_axis_tready, m_axis_tvalid,
    input [W-1:0] s_axis_tdata,
    output reg [W-1:0] m_axis_tdata
);
  reg given = 0, taken = 0;
  assign s_axis_tready = given == taken & s_axis_aresetn;
  assign m_axis_tvalid = given != taken & m_axis_aresetn;
  always @(posedge s_axis_aclk)
    if (s_axis_tvalid & s_axis_tready) begin
      m_axis_tdata <= s_axis_tdata;
      given <= ~given;
    end
  always @(posedge m_axis_aclk) if (m_axis_tvalid & m_axis_tready) taken <= ~taken;
endmodule

module h2c_clock (
    input s_axis_aresetn, m_axis_aresetn, s_axis_aclk, m_axis_aclk,
    input s_axis_tvalid, m_axis_tready,
    output s_axis_tready, m_axis_tvalid,
    input [63:0] s_axis_tdata,
    output [63:0] m_axis_tdata
);
  clock_crossing crossing (.*);
endmodule

module c2h_clock (
    input s_axis_aresetn, m_axis_aresetn, s_axis_aclk, m_axis_aclk,
    input s_axis_tvalid, m_axis_tready,
    output s_axis_tready, m_axis_tvalid,
    input [63:0] s_axis_tdata,
    input [7:0] s_axis_tkeep,
    input s_axis_tlast,
    output [63:0] m_axis_tdata,
    output [7:0] m_axis_tkeep,
    output m_axis_tlast
);
  clock_crossing #(
      .W(73)
  ) crossing (
      .*,
      .s_axis_tdata({s_axis_tlast, s_axis_tkeep, s_axis_tdata}),
      .m_axis_tdata({m_axis_tlast, m_axis_tkeep, m_axis_tdata})
  );
endmodule

module xdma_0 (
    input sys_clk, sys_rst_n,
    output user_lnk_up,
    output [3:0] pci_exp_txp, pci_exp_txn,
    input [3:0] pci_exp_rxp, pci_exp_rxn,
    output axi_aclk, axi_aresetn,
    input usr_irq_req,
    output usr_irq_ack,
    input [63:0] s_axis_c2h_tdata_0,
    input s_axis_c2h_tlast_0, s_axis_c2h_tvalid_0,
    output s_axis_c2h_tready_0,
    input [7:0] s_axis_c2h_tkeep_0,
    output reg [63:0] m_axis_h2c_tdata_0,
    output m_axis_h2c_tlast_0,
    output reg m_axis_h2c_tvalid_0,
    input m_axis_h2c_tready_0,
    output [7:0] m_axis_h2c_tkeep_0,
    output reg [31:0] m_axil_awaddr,
    output [2:0] m_axil_awprot,
    output reg m_axil_awvalid,
    input m_axil_awready,
    output reg [31:0] m_axil_wdata,
    output [3:0] m_axil_wstrb,
    output reg m_axil_wvalid,
    input m_axil_wready,
    input m_axil_bvalid,
    input [1:0] m_axil_bresp,
    output m_axil_bready,
    output reg [31:0] m_axil_araddr,
    output [2:0] m_axil_arprot,
    output reg m_axil_arvalid,
    input m_axil_arready,
    input [31:0] m_axil_rdata,
    input [1:0] m_axil_rresp,
    input m_axil_rvalid,
    output m_axil_rready
);
  assign axi_aclk = sys_clk;
  assign axi_aresetn = sys_rst_n;
  assign user_lnk_up = 1'b1;
  assign {pci_exp_txp, pci_exp_txn} = {pci_exp_rxp, pci_exp_rxn};
  assign usr_irq_ack = usr_irq_req;
  assign s_axis_c2h_tready_0 = 1'b1;
  assign m_axis_h2c_tlast_0 = 1'b0;
  assign m_axis_h2c_tkeep_0 = 8'hff;
  assign {m_axil_awprot, m_axil_arprot} = 6'd0;
  assign m_axil_wstrb = 4'hf;
  assign {m_axil_bready, m_axil_rready} = 2'b11;

  reg [63:0] words[0:255];
  integer i;
  always @(posedge sys_clk) begin
    if (s_axis_c2h_tvalid_0 === 1'bx | m_axis_h2c_tready_0 === 1'bx) if (started) $display("W x");
    if (started & s_axis_c2h_tvalid_0) $display("W %h %b", s_axis_c2h_tdata_0, s_axis_c2h_tlast_0);
    if (m_axil_rvalid & sys_rst_n) $display("R %h", m_axil_rdata);
  end

  task look(input [31:0] address);
    begin
      @(negedge sys_clk) {m_axil_araddr, m_axil_arvalid} = {address, 1'b1};
      @(negedge sys_clk) m_axil_arvalid = 0;
      repeat (4) @(negedge sys_clk);
    end
  endtask

  task hold(input value);
    begin
      @(negedge sys_clk) {m_axil_awaddr, m_axil_wdata} = {32'd12, 31'd0, value};
      {m_axil_awvalid, m_axil_wvalid} = 2'b11;
      @(negedge sys_clk) {m_axil_awvalid, m_axil_wvalid} = 2'b00;
      repeat (300) @(negedge sys_clk);
    end
  endtask

  task send;
    begin
      for (i = 0; words[i] !== 64'bx; i = i + 1) begin
        {m_axis_h2c_tdata_0, m_axis_h2c_tvalid_0} = {words[i], 1'b1};
        #1 while (!m_axis_h2c_tready_0) @(negedge sys_clk);
        @(negedge sys_clk) m_axis_h2c_tvalid_0 = 0;
      end
      repeat (4000) @(negedge sys_clk);
    end
  endtask

  reg started = 0;
  initial begin
    $readmemh("words.hex", words);
    {m_axis_h2c_tvalid_0, m_axil_awvalid, m_axil_wvalid, m_axil_arvalid} = 4'd0;
    wait (sys_rst_n);
    repeat (400) @(negedge sys_clk);
    started = 1;
    look(0);
    look(4);
    look(8);
    send;
    hold(1);
    hold(0);
    send;
    $finish;
  end
endmodule

module bench;
  reg clock = 0, reset_n = 0;
  wire [3:0] txp, txn;
  wire clkreq_n, led_pcie, led_link;
  always #4 clock = ~clock;
  xdma_top #(
      .BUILD(64'h123456789abcdef0),
      .SCHEMA(32'h89abcdef)
  ) top (
      .pcie_clk_p(clock),
      .pcie_clk_n(~clock),
      .pcie_rst_n(reset_n),
      .pcie_rx_p(4'd5),
      .pcie_rx_n(4'd10),
      .pcie_tx_p(txp),
      .pcie_tx_n(txn),
      .pcie_clkreq_n(clkreq_n),
      .led_pcie(led_pcie),
      .led_link(led_link)
  );
  initial #200 reset_n = 1;
  initial #10000000 begin
    $display("STUCK");
    $finish;
  end
endmodule
