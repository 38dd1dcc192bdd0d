"""1:1: is this the person who was claimed?"""
