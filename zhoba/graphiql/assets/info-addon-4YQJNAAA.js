import{a}from"./chunk-6HUWRLDY.js";import"./chunk-HX4FYVYA.js";import"./chunk-Q6TBSLBA.js";a();
