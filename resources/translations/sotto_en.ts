<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name></name>
    <message numerus="yes">
        <source>%n turn(s)</source>
        <translation>
            <numerusform>%n turn</numerusform>
            <numerusform>%n turns</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{who}, {words}, %n second(s) old, weight {weight}</source>
        <translation>
            <numerusform>{who}, {words}, %n second old, weight {weight}</numerusform>
            <numerusform>{who}, {words}, %n seconds old, weight {weight}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{languages} and %n more</source>
        <translation>
            <numerusform>{languages} and %n more</numerusform>
            <numerusform>{languages} and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{server} (%n model(s))</source>
        <translation>
            <numerusform>{server} (%n model)</numerusform>
            <numerusform>{server} (%n models)</numerusform>
        </translation>
    </message>
</context>
</TS>
