import{a}from"./chunk-TAULDRO3.js";import"./chunk-HX4FYVYA.js";import"./chunk-Q6TBSLBA.js";export default a();
